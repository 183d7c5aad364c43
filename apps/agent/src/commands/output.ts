import { writeAll } from "../capture/descriptor.ts";
import { CommandError } from "../control/usage-error.ts";

const names = { 1: "standard output", 2: "standard error" } as const;

/**
 * Prints to standard output (1) or error (2), and waits for whoever reads it: what a command prints is neither
 * lost at its end nor piled up. Throws as isGone() tells when the reader has gone, else CommandError.
 */
export function printer(file: 1 | 2): (text: string) => void {
  return (text) => {
    try {
      writeAll(file, Buffer.from(text));
    } catch (error) {
      throw told(names[file], error);
    }
  };
}

/** Whether a pipe's reader has gone, as `head` does: no failure worth words. */
export const isGone = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EPIPE";

const told = (name: string, error: unknown): unknown =>
  isGone(error) ? error : new CommandError(`${name}: ${error instanceof Error ? error.message : String(error)}`);

/** Characters that may wait for a slow reader. */
const MAX_WAITING = 4 << 20;

/** Standard output for who cannot wait. */
export type Offer = {
  /** False when it was not taken, because too much of what came before still waits. */
  readonly out: (text: string) => boolean;
  /** Resolves when nothing waits any more. */
  readonly printed: () => Promise<void>;
};

/** `failed` is called with what printer() throws. */
export function offerTo(stream: NodeJS.WriteStream, failed: (error: unknown) => void): Offer {
  stream.on("error", (error) => failed(told(names[1], error)));
  return {
    out: (text) => {
      if (stream.writableLength > MAX_WAITING) return false;
      stream.write(text);
      return true;
    },
    printed: () => new Promise((resolve) => stream.write("", () => resolve())),
  };
}
