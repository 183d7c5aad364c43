import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import type { Node } from "../../tree.ts";
import { extension, fingerprint, handshake } from "./fields.ts";
import { md5 } from "./md5.ts";
import { isGrease } from "./names.ts";

/** JA3 of the Client Hello that the cursor's parent holds: version, suites, extensions, groups, point formats. */
export function addJa3(cursor: Cursor): void {
  const lists = [handshake.version, handshake.suite, extension.type, extension.group, extension.format];
  add(cursor, lists, fingerprint.ja3Full, fingerprint.ja3);
}

/** JA3S of a Server Hello: version, suite, extensions. */
export function addJa3s(cursor: Cursor): void {
  add(cursor, [handshake.version, handshake.suite, extension.type], fingerprint.ja3sFull, fingerprint.ja3s);
}

/** Lists between commas, their numbers between dashes, without those that clients make up. */
function add(cursor: Cursor, fields: readonly FieldDef[], full: FieldDef, hash: FieldDef): void {
  const { parent } = cursor;
  const lists = fields.map((field) => numbersOf(parent, field).filter((value) => !isGrease(value)));
  const text = lists.map((numbers) => numbers.join("-")).join(",");
  cursor.generated(full, text);
  cursor.generated(hash, md5(text));
}

const numbersOf = ({ children }: Node, field: FieldDef): readonly number[] =>
  children.flatMap((node) => (node.field === field && typeof node.value === "number" ? [node.value] : numbersOf(node, field)));
