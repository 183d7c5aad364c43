/**
 * The closed list of coded errors that cross a boundary (REST problem `code`, socket refusals).
 * `status` is the HTTP status of the problem document; SPEC.md section 5 lists the same table and a
 * test holds the two together.
 */
export const errorCodes = {
  BAD_REQUEST: { status: 400, title: "The request is not understood" },
  NOT_SIGNED_IN: { status: 401, title: "Sign in first" },
  FORBIDDEN: { status: 403, title: "Not allowed" },
  BAD_ORIGIN: { status: 403, title: "Request from another origin" },
  NOT_FOUND: { status: 404, title: "No such thing" },
  TOKEN_UNKNOWN: { status: 401, title: "Unknown enrolment token" },
  TOKEN_EXPIRED: { status: 401, title: "The enrolment token has expired" },
  TOKEN_USED: { status: 401, title: "The enrolment token was already used" },
  TOKEN_REVOKED: { status: 401, title: "The enrolment token was revoked" },
  LINK_UNKNOWN: { status: 401, title: "Unknown sign-in link" },
  LINK_EXPIRED: { status: 401, title: "The sign-in link has expired" },
  LINK_USED: { status: 401, title: "The sign-in link was already used" },
  API_TOKEN_REFUSED: { status: 401, title: "Unknown, expired or revoked API token" },
  CREDENTIAL_REFUSED: { status: 401, title: "Unknown or revoked agent credential" },
  PROTOCOL_VERSION: { status: 426, title: "Protocol version not supported" },
  HELLO_REQUIRED: { status: 409, title: "A hello must come first" },
  UNKNOWN_MESSAGE: { status: 400, title: "Unknown message type" },
  BATCH_TRUNCATED: { status: 400, title: "The batch is shorter than its header" },
  BATCH_TOO_LARGE: { status: 413, title: "The batch is larger than allowed" },
  BATCH_MAGIC: { status: 400, title: "Not a batch" },
  BATCH_VERSION: { status: 400, title: "Batch version not supported" },
  BATCH_KIND: { status: 400, title: "Unknown batch kind" },
  BATCH_LENGTH: { status: 400, title: "The batch's declared length is wrong" },
  BATCH_RECORD: { status: 400, title: "The batch's records are not sound" },
  BATCH_HOST: { status: 403, title: "The batch names another host" },
  BATCH_STREAM: { status: 403, title: "The batch names another boot or stream than the hello" },
  BATCH_SEQUENCE: { status: 409, title: "The batch skips a sequence number" },
  BATCH_INTERFACE: { status: 400, title: "The batch names an interface that was not announced" },
  FILTER_EXPRESSION: { status: 400, title: "The filter expression is not understood" },
  FILTER_LIMIT: { status: 409, title: "No more filters fit into the set" },
  FILTER_INVALID: { status: 422, title: "The filter's program is not sound" },
  FILTER_REFUSED: { status: 422, title: "The kernel's verifier refused the filter" },
  FILTER_UNSUPPORTED: { status: 422, title: "The host cannot run this filter" },
  QUERY_FIELD: { status: 400, title: "The query names no such field" },
  QUERY_FILTER: { status: 400, title: "The filter is not understood" },
  QUERY_LIMIT: { status: 422, title: "The query reads more than is allowed at a time" },
  SUPERSEDED: { status: 409, title: "A newer connection of the same host took over" },
  TOO_MANY: { status: 429, title: "Too many requests" },
  BUSY: { status: 503, title: "The hub cannot take more at the moment" },
  UNAVAILABLE: { status: 503, title: "The database does not answer" },
  INTERNAL: { status: 500, title: "The hub failed" },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Where a text that was sent is wrong, in UTF-16 units. */
export type TextPlace = { readonly position: number; readonly length: number };

/** Thrown by verbs; mapped to a problem document or a socket refusal once, at the edge. Told apart by `code`. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  /** Problem documents carry it as `position` and `length`. */
  readonly place: TextPlace | null;
  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions & { place?: TextPlace }) {
    super(detail ?? errorCodes[code].title, options);
    this.name = "CodedError";
    this.code = code;
    this.place = options?.place ?? null;
  }
}

/** True for a CodedError of any copy of this module (server bundles hold several). */
export function isCodedError(error: unknown): error is CodedError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code in errorCodes;
}
