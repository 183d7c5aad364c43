import type { FieldDef, FieldValue } from "./fields.ts";
import { nodeOf, type Node, type Problem } from "./tree.ts";

/** Thrown by a Cursor, and caught by `dissect` alone; made once, because a packet must not pay for a stack trace. */
class Stop extends Error {
  constructor(readonly problem: Problem) {
    super(problem);
  }
}
const CUT = new Stop("cut");
const MALFORMED = new Stop("malformed");
/** Most nodes that one packet makes: a hostile one may not ask for more. */
export const MAX_NODES = 4000;

export function problemOf(error: unknown): Problem | null {
  return error instanceof Stop ? error.problem : null;
}

/**
 * Reads one layer: the bytes from `at` up to `end`, each step leaving a node. A read past `end` ends the layer:
 * as cut where the capture is shorter than the packet, else as malformed. Integers are in network order unless `LE`.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Next byte to read. */
  at: number;
  /** First byte behind the layer. */
  end: number;
  /** Where the layer would end had all of it been captured; ≥ end. */
  wireEnd: number;
  /** What nodes are added to; `group` sets another for a while. */
  parent: Node;
  readonly #budget: { nodes: number };

  constructor(from: {
    bytes: Uint8Array;
    view: DataView;
    at: number;
    end: number;
    wireEnd: number;
    parent: Node;
    budget: { nodes: number };
  }) {
    this.bytes = from.bytes;
    this.view = from.view;
    this.at = from.at;
    this.end = from.end;
    this.wireEnd = from.wireEnd;
    this.parent = from.parent;
    this.#budget = from.budget;
  }

  /** A cursor over what the bytes from `at` up to `end` turned out to be once opened: `bytes` has them at the same place. */
  over(bytes: Uint8Array, at: number, end: number): Cursor {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Cursor({ bytes, view, at, end, wireEnd: end, parent: this.parent, budget: this.#budget });
  }

  /** Bytes left in the layer. */
  get left(): number {
    return this.end - this.at;
  }

  /** All of the layer was captured. */
  get whole(): boolean {
    return this.end === this.wireEnd;
  }

  /** The layer says itself that it ends here, before what it was given does. */
  endAt(wireEnd: number): void {
    if (wireEnd >= this.wireEnd) return;
    this.wireEnd = Math.max(wireEnd, this.at);
    this.end = Math.min(this.end, this.wireEnd);
  }

  /** Ends the layer unless `length` bytes are left at the cursor; where that is. */
  need(length: number): number {
    if (length < 0) throw MALFORMED;
    if (this.at + length > this.end) throw this.at + length <= this.wireEnd ? CUT : MALFORMED;
    return this.at;
  }

  /** Ends the layer: it contradicts itself. */
  malformed(): never {
    throw MALFORMED;
  }

  /** Reads without a node and without moving; `ahead` bytes from the cursor. */
  peek8(ahead = 0): number {
    this.#needAhead(ahead, 1);
    return this.view.getUint8(this.at + ahead);
  }
  peek16(ahead = 0): number {
    this.#needAhead(ahead, 2);
    return this.view.getUint16(this.at + ahead);
  }
  peek32(ahead = 0): number {
    this.#needAhead(ahead, 4);
    return this.view.getUint32(this.at + ahead);
  }
  #needAhead(ahead: number, length: number): void {
    if (ahead < 0) throw MALFORMED;
    this.need(ahead + length);
  }

  /** Adds a node for a range that need not be at the cursor, which stays; it must lie within what was captured. */
  add(field: FieldDef, value: FieldValue, at: number, length: number): Node {
    if (++this.#budget.nodes > MAX_NODES) throw MALFORMED;
    const node = nodeOf(field, value, at, length);
    this.parent.children.push(node);
    return node;
  }
  /** Adds a node for what was worked out. */
  generated(field: FieldDef, value: FieldValue): Node {
    return this.add(field, value, this.at, 0);
  }

  u8(field: FieldDef): number {
    this.need(1);
    const value = this.view.getUint8(this.at);
    this.add(field, value, this.at, 1);
    this.at += 1;
    return value;
  }
  u16(field: FieldDef): number {
    this.need(2);
    const value = this.view.getUint16(this.at);
    this.add(field, value, this.at, 2);
    this.at += 2;
    return value;
  }
  u24(field: FieldDef): number {
    this.need(3);
    const value = this.view.getUint8(this.at) * 0x1_0000 + this.view.getUint16(this.at + 1);
    this.add(field, value, this.at, 3);
    this.at += 3;
    return value;
  }
  u32(field: FieldDef): number {
    this.need(4);
    const value = this.view.getUint32(this.at);
    this.add(field, value, this.at, 4);
    this.at += 4;
    return value;
  }
  u64(field: FieldDef): bigint {
    this.need(8);
    const value = this.view.getBigUint64(this.at);
    this.add(field, value, this.at, 8);
    this.at += 8;
    return value;
  }
  /** A part of the next bytes, which stay the next: `value` was worked out of them by the caller. */
  bits(field: FieldDef, value: number | string, length: number, ahead = 0): void {
    this.#needAhead(ahead, length);
    this.add(field, value, this.at + ahead, length);
  }
  /** An address or other run of bytes: the value shares the packet's memory. */
  take(field: FieldDef, length: number): Uint8Array {
    this.need(length);
    const value = this.bytes.subarray(this.at, this.at + length);
    this.add(field, value, this.at, length);
    this.at += length;
    return value;
  }
  /** Bytes as Latin-1 text, at most 4,096 of them. */
  text(field: FieldDef, length: number): string {
    this.need(length);
    const value = latin1(this.bytes, this.at, Math.min(length, 4096));
    this.add(field, value, this.at, length);
    this.at += length;
    return value;
  }
  skip(length: number): void {
    this.need(length);
    this.at += length;
  }

  /** Nodes added by `fill` become children of a new one, whose range is what `fill` read. */
  group(field: FieldDef, value: FieldValue, fill: (group: Node) => void): Node {
    const node = this.add(field, value, this.at, 0);
    const [outer, from] = [this.parent, this.at];
    this.parent = node;
    try {
      fill(node);
    } catch (error) {
      node.problem = problemOf(error);
      throw error;
    } finally {
      this.parent = outer;
      node.length = this.at - from;
    }
    return node;
  }

  /** A node for the next `length` bytes with parts of them as children: `fill` adds those by `bits`. Goes on behind them. */
  parts(field: FieldDef, value: FieldValue, length: number, fill: () => void): Node {
    this.need(length);
    const node = this.add(field, value, this.at, length);
    const outer = this.parent;
    this.parent = node;
    try {
      fill();
    } finally {
      this.parent = outer;
    }
    this.at += length;
    return node;
  }

  /** Reads with a nearer end for a while: what a length field says. Goes on behind it. */
  within<T>(length: number, read: () => T): T {
    const { end, wireEnd } = this;
    const to = this.at + length;
    if (length < 0 || to > wireEnd) throw MALFORMED;
    this.end = Math.min(to, end);
    this.wireEnd = to;
    try {
      const result = read();
      if (to > end) throw CUT;
      this.at = to;
      return result;
    } finally {
      this.end = end;
      this.wireEnd = wireEnd;
    }
  }
}

export function latin1(bytes: Uint8Array, at: number, length: number): string {
  let text = "";
  const to = Math.min(bytes.length, at + length);
  for (let i = at; i < to; i++) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}
