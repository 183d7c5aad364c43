import { readSync, writeSync } from "node:fs";

const RETRY_MS = 2;
const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Reads up to a chunk; 0 at the end. Like writeAll() it blocks, also on a descriptor that another program, or Node
 * itself, made non-blocking, where the system says EAGAIN. Throws what the file system throws otherwise.
 */
export const readSome = (file: number, chunk: Uint8Array): number => patiently(() => readSync(file, chunk));

/** Writes all of it, however slow the other end of a pipe is. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const from = at;
    at += patiently(() => writeSync(file, bytes, from));
  }
}

function patiently(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(never, 0, 0, RETRY_MS);
    }
  }
}
