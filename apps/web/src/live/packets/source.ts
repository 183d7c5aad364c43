/** What could not be read; `code` is the hub's where it gave one. */
export class SourceError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "SourceError";
    this.code = code;
  }
}

export type Opened = { readonly stream: ReadableStream<Uint8Array>; readonly totalBytes: number | null };

/** A file's bytes, or those of a URL of the hub. */
export async function openSource(source: { readonly file: Blob } | { readonly url: string }, signal: AbortSignal): Promise<Opened> {
  if ("file" in source) return { stream: source.file.stream(), totalBytes: source.file.size };
  const response = await fetch(source.url, { signal });
  if (!response.ok || response.body === null) throw await refusal(response);
  return { stream: response.body, totalBytes: null };
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
