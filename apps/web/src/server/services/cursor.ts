import { CodedError } from "@sonde/protocol";
import { z } from "zod";

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** The place behind a row of a list that is in order of a time and an id. */
export function writeCursor(at: Date, id: string): string {
  return Buffer.from(JSON.stringify([at.toISOString(), id])).toString("base64url");
}

/** Throws BAD_REQUEST. */
export function readCursor(text: string): { at: Date; id: string } {
  try {
    const [at, id] = cursorSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return { at: new Date(at), id };
  } catch {
    throw new CodedError("BAD_REQUEST", "The cursor is not one of this list");
  }
}
