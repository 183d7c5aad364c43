import { CodedError, errorCodes, isCodedError, type ErrorCode } from "@sonde/protocol";
import type { Problem } from "@sonde/protocol/rest";
import type { Logger } from "pino";

/** The problem document (RFC 9457) of any failure. What is not coded is logged and shown as UNAVAILABLE or INTERNAL. */
export function problemResponse(error: unknown, log: Logger): Response {
  const coded = isCodedError(error) ? error : unexpected(error, log);
  const { status, title } = errorCodes[coded.code];
  const problem: Problem = { type: "about:blank", title, status, detail: coded.message, code: coded.code, ...coded.place };
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
  const challenge = challenged.has(coded.code) ? { "www-authenticate": "Bearer" } : {}; // RFC 9110 section 11.6.1
  return Response.json(problem, { status, headers: { ...headers, ...challenge } });
}

const challenged = new Set<ErrorCode>(["NOT_SIGNED_IN", "API_TOKEN_REFUSED"]);

/** Connection failures as node and the database driver name them, here and in `cause`. */
const unavailable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ETIMEDOUT",
  "P1001",
  "P1002",
  "P1008",
  "P1017",
  "P2024",
  "57P01",
  "57P02",
  "57P03",
]);
/** Those of them that come without a code. */
const unavailableWords = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

function unexpected(error: unknown, log: Logger): CodedError {
  log.error(
    { event: "request-failed", error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    "a request failed",
  );
  return new CodedError(isUnavailable(error) ? "UNAVAILABLE" : "INTERNAL");
}

function isUnavailable(error: unknown, depth = 4): boolean {
  if (!(error instanceof Error) || depth === 0) return false;
  if ("code" in error && unavailable.has(String(error.code))) return true;
  return unavailableWords.test(error.message) || isUnavailable(error.cause, depth - 1);
}
