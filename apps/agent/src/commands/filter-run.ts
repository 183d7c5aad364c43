import type { TestHook } from "@sonde/bpf";
import { CaptureWriter, LinkTypesError } from "../capture/capture-writer.ts";
import { compileExpression, rawProgram } from "../capture/expression.ts";
import { CommandError } from "../control/usage-error.ts";
import { type CheckDeps, pointAt } from "./filter-check.ts";
import { eachTried } from "./from-file.ts";

export type RunFilterFlags = { readonly read: string; readonly hook: TestHook; readonly write?: string };
export type RunFilterDeps = Omit<CheckDeps, "translate"> & { readonly application: string };

/**
 * `sonde-agent filter run`: prints the numbers, from 1, of a capture file's packets that match, and
 * writes them to a file when asked. Returns the exit status: 1 for a bad expression. Throws UsageError
 * when no packet could be tried, CommandError for a bad file, BpfError.
 */
export async function runFilter(expression: string, flags: RunFilterFlags, deps: RunFilterDeps): Promise<0 | 1> {
  const { compiler, out, complain, application } = deps;
  const compiled = await compileExpression(expression, compiler === undefined ? {} : { compiler });
  if (!compiled.ok) {
    complain(`${pointAt(expression, compiled.fault)}\n`);
    return 1;
  }
  const { programs } = compiled;
  const filters = [{ ethernet: programs.ethernet, raw: rawProgram(programs), sampleN: 1, snaplen: 0 }];
  const writer = flags.write === undefined ? null : openWriter(flags.write, application);
  // numbers would mix with a capture on standard output
  const list = flags.write === "-" ? () => {} : out;
  try {
    eachTried({ path: flags.read, hook: flags.hook, filters }, complain, ({ packet, result }) => {
      if (result.matched === 0n) return;
      list(`${packet.number}\n`);
      writer?.write(packet);
    });
  } catch (error) {
    throw error instanceof LinkTypesError ? new CommandError(`${flags.write ?? ""}: ${error.message}`) : error;
  } finally {
    writer?.close();
  }
  return 0;
}

function openWriter(path: string, application: string): CaptureWriter {
  try {
    return new CaptureWriter(path, application);
  } catch (error) {
    throw new CommandError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
