import { createWriteStream, openSync } from "node:fs";
import type { Writable } from "node:stream";
import { CommandError, UsageError, reasonOf } from "../errors.ts";

/** Where bytes go, as fast as it takes them. */
export type Sink = {
  readonly name: string;
  /** Written so far. */
  readonly bytes: number;
  /** Resolves when more may come. Rejects with SinkGone. */
  write(chunk: Uint8Array): Promise<void>;
  /** All of it is written. Rejects with SinkGone. */
  end(): Promise<void>;
};

/** Whoever read the output has gone, or there is no room for it. */
export class SinkGone extends CommandError {
  /** It is not there any more: nobody needs to be told. */
  readonly closed: boolean;
  constructor(name: string, error: unknown) {
    super(`${name} cannot be written any more: ${reasonOf(error)}`);
    this.closed = error instanceof Error && "code" in error && error.code === "EPIPE";
  }
}

/** Opens a file that its owner alone may read, or standard output for "-". Throws UsageError, CommandError. */
export function openSink(file: string, takeOutput: () => Writable | null): Sink {
  if (file === "-") {
    const output = takeOutput();
    if (output === null)
      throw new UsageError("-w - writes pcapng, which is nothing for a terminal: pipe it on, as in … -w - | wireshark -k -i -");
    return sinkOf("standard output", output, (done) => void output.write("", done)); // others may write behind it
  }
  try {
    const stream = createWriteStream(file, { fd: openSync(file, "w", 0o600) });
    return sinkOf(file, stream, (done) => stream.end(done));
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${reasonOf(error)}`);
  }
}

function sinkOf(name: string, stream: Writable, finish: (done: () => void) => void): Sink {
  let bytes = 0;
  let failure: unknown = null;
  /** Ends a wait for room. */
  let wake = (): void => undefined;
  stream.on("error", (error) => {
    failure = error;
    wake();
  });
  stream.on("drain", () => wake());
  const settled = async (begin: (done: () => void) => boolean): Promise<void> => {
    if (failure === null) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (begin(resolve)) resolve();
      });
    }
    if (failure !== null) throw new SinkGone(name, failure);
  };
  return {
    name,
    get bytes() {
      return bytes;
    },
    write: (chunk) => {
      bytes += chunk.byteLength;
      return settled(() => stream.write(chunk));
    },
    end: () =>
      settled((done) => {
        finish(done);
        return false;
      }),
  };
}
