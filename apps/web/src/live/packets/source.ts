/** What could not be read; `code` is the hub's where it gave one. */
export class SourceError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "SourceError";
    this.code = code;
  }
}

/** Bytes of a file in pieces; `given`: nobody else has them. */
export type Opened = {
  readonly pieces: AsyncGenerator<Uint8Array, void>;
  readonly given: boolean;
  readonly totalBytes: number | null;
};

/** So much of a file is read at once, so much of that is a piece, and so many slices are read before they are asked for. */
const SLICE_BYTES = 8 << 20;
const PIECE_BYTES = 1 << 20;
const AHEAD = 2;

/** Reads all of a part of a file. */
export type ReadBlob = (part: Blob) => Promise<ArrayBuffer>;

/** A file's bytes, or those of a URL of the hub. */
export async function openSource(
  source: { readonly file: Blob } | { readonly url: string },
  { read, signal }: { readonly read: ReadBlob; readonly signal: AbortSignal },
): Promise<Opened> {
  if ("file" in source) return { pieces: slicesOf(source.file, read), given: true, totalBytes: source.file.size };
  const response = await fetch(source.url, { signal });
  if (!response.ok || response.body === null) throw await refusal(response);
  return { pieces: chunksOf(response.body.getReader()), given: false, totalBytes: null };
}

/** The next slices are read while one is worked on. */
async function* slicesOf(file: Blob, read: ReadBlob): AsyncGenerator<Uint8Array, void> {
  const slices: Promise<ArrayBuffer>[] = [];
  for (let at = 0; at < file.size || slices.length > 0;) {
    for (; slices.length < AHEAD && at < file.size; at += SLICE_BYTES) {
      const slice = read(file.slice(at, at + SLICE_BYTES));
      slice.catch(() => {}); // who asks for it is told; perhaps nobody does any more
      slices.push(slice);
    }
    const bytes = await slices.shift();
    for (let from = 0; bytes !== undefined && from < bytes.byteLength; from += PIECE_BYTES)
      yield new Uint8Array(bytes, from, Math.min(PIECE_BYTES, bytes.byteLength - from));
  }
}

async function* chunksOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    void reader.cancel().catch(() => {}); // a stream that failed says so here again
  }
}

/** In the words of its problem document (RFC 9457), where it is one. */
async function refusal(response: globalThis.Response): Promise<SourceError> {
  const plain = new SourceError("FAILED", `the hub answered ${response.status}`);
  try {
    const problem: unknown = await response.json();
    if (typeof problem !== "object" || problem === null) return plain;
    const code = "code" in problem && typeof problem.code === "string" ? problem.code : "FAILED";
    return "detail" in problem && typeof problem.detail === "string" ? new SourceError(code, problem.detail) : plain;
  } catch {
    return plain;
  }
}
