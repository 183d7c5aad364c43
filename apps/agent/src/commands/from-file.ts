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
    for (const { packet, result } of ofFile(options)) {
      total = packet.number;
      if (result.ran) take({ packet, result });
      else excluded.add(packet.number, result.reason);
    }
  } finally {
    excluded.sumUp(total);
  }
  if (total > 0 && excluded.count === total) throw new UsageError(`no packet of ${options.path} could be tried`);
}

/** As tryFile(), but throws CommandError for a file that cannot be read, or is no capture. What `take` throws does not pass here. */
function* ofFile(options: TrialOptions): Generator<Tried> {
  try {
    yield* tryFile(options);
  } catch (error) {
    const ofSystem = error instanceof Error && "syscall" in error;
    throw error instanceof CaptureFileError || ofSystem ? new CommandError(`${options.path}: ${(error as Error).message}`) : error;
  }
}
