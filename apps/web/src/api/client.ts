import { API_BASE, problemSchema } from "@sonde/protocol/rest";
import type { z } from "zod";

/** A request that failed: with the hub's problem document, or because the hub could not be reached or understood. */
export class ApiError extends Error {
  /** A code of the protocol's table, or NETWORK (not reached) or UNREADABLE (not the agreed answer). */
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Seconds to wait, when the hub said so. */
  readonly retryAfter: number | null;

  constructor(code: string, message: string, facts: { status: number; retryAfter?: number | null }) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = facts.status;
    this.retryAfter = facts.retryAfter ?? null;
  }
}

export type Fetch = typeof fetch;
type Call = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

/** REST client of this page's own hub. Every answer is checked against its schema. */
export class ApiClient {
  readonly #fetch: Fetch;
  readonly #base: string;

  constructor(fetchFn: Fetch, base: string = API_BASE) {
    this.#fetch = fetchFn;
    this.#base = base;
  }

  /** Throws ApiError. */
  async call<S extends z.ZodType>(call: Call, schema: S): Promise<z.output<S>> {
    const response = await this.#send(call);
    const parsed = schema.safeParse(await readJson(response));
    if (!parsed.success)
      throw new ApiError("UNREADABLE", `The hub answered ${call.path} in a form this page does not know.`, { status: response.status });
    return parsed.data;
  }

  /** A call whose answer carries nothing of interest. Throws ApiError. */
  async send(call: Call): Promise<void> {
    await this.#send(call);
  }

  async #send(call: Call): Promise<Response> {
    const init: RequestInit = { method: call.method, credentials: "same-origin", headers: { accept: "application/json" } };
    if (call.body !== undefined) {
      init.body = JSON.stringify(call.body);
      init.headers = { ...init.headers, "content-type": "application/json" };
    }
    if (call.signal !== undefined) init.signal = call.signal;
    let response: Response;
    try {
      response = await this.#fetch(`${this.#base}${call.path}`, init);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError("NETWORK", "The hub does not answer.", { status: 0 });
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }
}

async function failureOf(response: Response): Promise<ApiError> {
  const body = await readJson(response);
  const wait = Number(response.headers.get("retry-after") ?? response.headers.get("x-retry-after") ?? Number.NaN);
  const facts = { status: response.status, retryAfter: Number.isFinite(wait) ? wait : null };
  const problem = problemSchema.safeParse(body);
  if (problem.success) return new ApiError(problem.data.code, problem.data.detail, facts);
  // The sign-in endpoints answer { code, message } instead of a problem document.
  if (typeof body === "object" && body !== null && "code" in body && typeof body.code === "string") {
    const message = "message" in body && typeof body.message === "string" ? body.message : body.code;
    return new ApiError(body.code, message, facts);
  }
  const code = response.status === 429 ? "TOO_MANY" : response.status === 401 ? "NOT_SIGNED_IN" : "UNREADABLE";
  return new ApiError(code, `The hub answered with status ${response.status}.`, facts);
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
