import { CodedError } from "@sonde/protocol";
import { z } from "zod";

/** The `id` of a path. What is no UUID names nothing: NOT_FOUND. */
export function readId(params: { id: string }): string {
  const parsed = z.uuid().safeParse(params.id);
  if (!parsed.success) throw new CodedError("NOT_FOUND");
  return parsed.data;
}
