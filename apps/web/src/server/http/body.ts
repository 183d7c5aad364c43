import { CodedError } from "@sonde/protocol";
import type { z } from "zod";
import { isStorable } from "../storable.ts";

const MAX_BODY_BYTES = 256 * 1024;

/** The request's JSON, parsed by `schema`. Throws BAD_REQUEST, naming the first wrong field but never its value. */
export async function readJson<S extends z.ZodType>(request: Request, schema: S): Promise<z.output<S>> {
  if (!request.headers.get("content-type")?.startsWith("application/json")) {
    throw new CodedError("BAD_REQUEST", "The body must be application/json");
  }
  const text = new TextDecoder().decode(await readLimited(request, MAX_BODY_BYTES));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CodedError("BAD_REQUEST", "The body is not JSON");
  }
  return parseInput(schema, json);
}

/** Parses what a client sent. Throws BAD_REQUEST. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  if (!isStorable(input)) throw new CodedError("BAD_REQUEST", "The text holds a NUL or an unpaired surrogate");
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CodedError("BAD_REQUEST", `${issue?.path.join(".") || "input"}: ${issue?.message ?? "not as expected"}`);
}

/** The body's bytes, at most `limit`, whatever its declared length. Throws BAD_REQUEST. */
export async function readLimited(request: Request, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return Buffer.concat(chunks);
    size += next.value.byteLength;
    if (size > limit) {
      await reader?.cancel();
      throw new CodedError("BAD_REQUEST", `The body is larger than ${limit} bytes`);
    }
    chunks.push(next.value);
  }
}
