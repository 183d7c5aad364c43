import { parseBytes, parseWith, type QueryError } from "../query/index.ts";
import { packetFields } from "./fields.ts";
import { packetPredicate, type RowPredicate } from "./predicate.ts";
import { Regex } from "./regex/automaton.ts";
import { RegexError } from "./regex/parse.ts";
import type { PacketTable } from "./table.ts";
import type { Find } from "./types.ts";
import { holds } from "./values.ts";

export type Finder = { readonly ok: true; readonly takes: RowPredicate } | { readonly ok: false; readonly error: QueryError };

/** What is looked for, as a question to each packet. */
export function finder(what: Find, table: PacketTable): Finder {
  const refused = (message: string, position = 0): Finder => ({
    ok: false,
    error: { message, position, length: what.value.length - position },
  });
  if (what.value === "") return refused("nothing to look for");
  switch (what.by) {
    case "hex": {
      const bytes = parseBytes(what.value.replaceAll(" ", ""));
      if (bytes === null) return refused("expected pairs of hexadecimal digits, like 16 03 01");
      return inBytes(table, Uint8Array.from(bytes));
    }
    case "text": {
      if (what.matchCase) return inBytes(table, new TextEncoder().encode(what.value));
      return byRegex(table, what.value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), refused);
    }
    case "regex":
      return byRegex(table, what.value, refused);
    case "filter": {
      const parsed = parseWith(what.value, packetFields);
      return parsed.ok ? { ok: true, takes: packetPredicate(parsed.query, table) } : parsed;
    }
  }
}

const inBytes = (table: PacketTable, bytes: Uint8Array): Finder => ({ ok: true, takes: (row) => holds(table.bytes(row), bytes) });

function byRegex(table: PacketTable, text: string, refused: (message: string, position: number) => Finder): Finder {
  try {
    const regex = new Regex(text);
    return { ok: true, takes: (row) => regex.test(table.bytes(row)) };
  } catch (error) {
    if (error instanceof RegexError) return refused(error.message, Math.min(error.at, text.length));
    throw error;
  }
}
