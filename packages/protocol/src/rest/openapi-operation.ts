import type { z } from "zod";

/** One method of one route. */
export type Operation = {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** After /api/v1; what is in braces is a UUID. */
  readonly path: string;
  /** Name of the function in generated clients. */
  readonly id: string;
  readonly summary: string;
  /** read: every known actor; write: people and write tokens; person: people alone. */
  readonly access: "public" | "read" | "write" | "person";
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Wanted where a query has what must not be left out, or there is a body; a test sends it. */
  readonly example?: { readonly query?: Readonly<Record<string, string>>; readonly body?: unknown };
  /** Of success: JSON of a schema, or by media type (null: bytes). Nothing: no body. */
  readonly answers?: z.ZodType | Readonly<Record<string, z.ZodType | null>>;
  /** Of success; 200 unless said. */
  readonly status?: 201 | 202 | 204;
};
