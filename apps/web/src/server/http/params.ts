import { CodedError } from "@sonde/protocol";
import { z } from "zod";
import { parseInput } from "./body.ts";

/** The `id` of a path. What is no UUID names nothing: NOT_FOUND. */
export function readId(params: { id: string }): string {
  const parsed = z.uuid().safeParse(params.id);
  if (!parsed.success) throw new CodedError("NOT_FOUND");
  return parsed.data;
}

/** The parameters of a request's URL; of one that is named twice the last. Throws BAD_REQUEST. */
export function readQuery<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  return parseInput(schema, Object.fromEntries(new URL(request.url).searchParams));
}
