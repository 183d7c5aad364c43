/** A part of a file to be read, and what was read of it. */
export type Part = { readonly id: number; readonly part: Blob };
export type ReadPart =
  | { readonly id: number; readonly ok: true; readonly bytes: ArrayBuffer }
  | { readonly id: number; readonly ok: false; readonly message: string };

/** The part of a Worker that is needed here. */
export type ReaderPort = {
  postMessage(part: Part): void;
  addEventListener(type: "message", listen: (event: { readonly data: ReadPart }) => void): void;
  addEventListener(type: "error", listen: () => void): void;
};

type Waiting = { readonly part: Blob; readonly resolve: (bytes: ArrayBuffer) => void; readonly reject: (error: unknown) => void };

/**
 * Reads parts of files in another thread, several at a time: to make the memory for them takes as long as to look at
 * what is in it. Where that thread fails they are read in this one.
 */
export class FileReaders {
  readonly #port: ReaderPort;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #failed = false;

  constructor(port: ReaderPort) {
    this.#port = port;
    port.addEventListener("message", ({ data }) => this.#take(data));
    port.addEventListener("error", () => this.#fail());
  }

  readonly read = (part: Blob): Promise<ArrayBuffer> => {
    if (this.#failed) return part.arrayBuffer();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { part, resolve, reject });
      this.#port.postMessage({ id, part });
    });
  };

  #take(answer: ReadPart): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.ok) waiting?.resolve(answer.bytes);
    else waiting?.reject(new Error(answer.message));
  }

  #fail(): void {
    this.#failed = true;
    for (const { part, resolve, reject } of this.#waiting.values()) part.arrayBuffer().then(resolve, reject);
    this.#waiting.clear();
  }
}
