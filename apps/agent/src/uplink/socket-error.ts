export type ConnectFailure = { readonly code: string; readonly detail: string };

/** Node's and ours: an Error with a text code, found by shape because bundling may double its class. */
function coded(value: unknown): ConnectFailure | null {
  if (!(value instanceof Error)) return null;
  const code = "code" in value && typeof value.code === "string" ? value.code : "";
  return { code, detail: value.message === "" ? code : value.message };
}

/**
 * The cause inside a `connect_error`: a refusal by the hub's middleware carries `data.code`; a failed
 * transport carries the socket's own error two levels down, in ws's ErrorEvent.
 */
export function connectFailure(error: Error): ConnectFailure & { readonly refused: boolean } {
  const { data, description } = error as { data?: unknown; description?: unknown };
  if (typeof data === "object" && data !== null && "code" in data && typeof data.code === "string") {
    const detail = "detail" in data && typeof data.detail === "string" ? data.detail : error.message;
    return { code: data.code.slice(0, 64), detail: detail.slice(0, 500), refused: true };
  }
  const inner = typeof description === "object" && description !== null && "error" in description ? description.error : description;
  const found = firstOf(inner) ?? coded(inner) ?? { code: "", detail: error.message };
  return { ...found, refused: found.code === "PIN_MISMATCH" };
}

/** Happy-eyeballs failures hide the real ones in an AggregateError with no message. */
function firstOf(error: unknown): ConnectFailure | null {
  return error instanceof AggregateError ? coded(error.errors[0]) : null;
}
