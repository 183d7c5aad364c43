import type { TestHook } from "@sonde/bpf";
import { statSync } from "node:fs";
import type { FilePacket } from "../capture/capture-file.ts";
import { CaptureWriter } from "../capture/capture-writer.ts";
import { compileExpression, rawProgram } from "../capture/expression.ts";
import { CommandError, UsageError } from "../control/usage-error.ts";
import { isGone } from "./output.ts";
import { type CheckDeps, pointAt } from "./filter-check.ts";
import { eachTried } from "./from-file.ts";

export type RunFilterFlags = { readonly read: string; readonly hook: TestHook; readonly write?: string };
export type RunFilterDeps = Omit<CheckDeps, "translate"> & { readonly application: string };

/**
 * `sonde-agent filter run`: prints the numbers, from 1, of a capture file's packets that match, and
 * writes them to a file when asked. Returns the exit status: 1 for a bad expression. Throws UsageError
 * when no packet could be tried, CommandError for a bad file, BpfError, and ReaderGone of `out`.
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
  const output = new Output(flags, application);
  // numbers would mix with a capture on standard output
  const list = flags.write === "-" ? () => {} : out;
  try {
    eachTried({ path: flags.read, hook: flags.hook, filters }, complain, ({ packet, result }) => {
      output.open();
      if (result.matched === 0n) return;
      list(`${packet.number}\n`);
      output.write(packet);
    });
    output.open();
  } finally {
    output.close();
  }
  return 0;
}

/** The file that was asked for, if any. Made when the input has turned out to be a capture: a slip must not empty another file. */
class Output {
  readonly #path: string | undefined;
  readonly #application: string;
  #writer: CaptureWriter | null = null;

  constructor({ write, read }: RunFilterFlags, application: string) {
    this.#path = write;
    this.#application = application;
    if (write !== undefined && write !== "-" && isSameFile(write, read))
      throw new UsageError(`${write} is the file to read: write another one`);
  }

  open(): void {
    const path = this.#path;
    if (path !== undefined) this.#writer ??= this.#named(() => new CaptureWriter(path, this.#application));
  }

  write(packet: FilePacket): void {
    this.#named(() => this.#writer?.write(packet));
  }

  close(): void {
    this.#named(() => this.#writer?.close());
  }

  #named<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isGone(error)) throw error;
      throw new CommandError(`${this.#path ?? ""}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a?.isFile() === true && a.dev === b?.dev && a.ino === b.ino;
}
