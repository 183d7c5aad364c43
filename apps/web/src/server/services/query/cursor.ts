import { CodedError } from "@sonde/protocol";
import { z } from "zod";
import type { Place } from "../../store/query/flow-page.ts";

/** Microseconds of the years 1970 to 2255, and a row of the time's partition as Postgres writes it. */
const placeSchema = z.tuple([
  z.number().int().nonnegative(),
  z
    .string()
    .regex(/^\(\d{1,10},\d{1,5}\)$/)
    .nullable(),
]);

export function writePlace({ atUs, tid }: Place): string {
  return Buffer.from(JSON.stringify([atUs, tid])).toString("base64url");
}

/** The place that a cursor stands for. Throws BAD_REQUEST. */
export function readPlace(text: string): Place {
  try {
    const [atUs, tid] = placeSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return { atUs, tid };
  } catch {
    throw new CodedError("BAD_REQUEST", "The cursor is not one of this list");
  }
}
