import { CaptureFileError } from "@sonde/pcapfile";
import { type TrialOptions, type Tried, tryFile } from "../capture/trial.ts";
import { Excluded } from "../capture/excluded.ts";
import { CommandError, UsageError } from "../control/usage-error.ts";

type Ran = { readonly packet: Tried["packet"]; readonly result: Extract<Tried["result"], { ran: true }> };

/**
 * Hands every packet of a file that could be tried to `take`; names and counts the others by `complain`.
 * Throws UsageError when there were packets and none could be tried, CommandError when the file is none.
 */
export function eachTried(options: TrialOptions, complain: (text: string) => void, take: (tried: Ran) => void): void {
  const excluded = new Excluded(complain);
  let total = 0;
  try {
    for (const { packet, result } of tryFile(options)) {
      total = packet.number;
      if (result.ran) take({ packet, result });
      else excluded.add(packet.number, result.reason);
    }
  } catch (error) {
    throw ofTheFile(error, options.path) ?? error;
  } finally {
    excluded.sumUp(total);
  }
  if (total > 0 && excluded.count === total) throw new UsageError(`no packet of ${options.path} could be tried`);
}

/** Words for a file that cannot be read, or is no capture; undefined for any other failure. */
function ofTheFile(error: unknown, path: string): CommandError | undefined {
  const ofSystem = error instanceof Error && "syscall" in error;
  return error instanceof CaptureFileError || ofSystem ? new CommandError(`${path}: ${(error as Error).message}`) : undefined;
}
