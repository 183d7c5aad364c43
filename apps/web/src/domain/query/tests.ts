import { isSingle } from "./addressLiteral.ts";
import type { AddressValue, Comparison, Item, Term } from "./types.ts";

/** What a statement asks of one value; of `!=` whether it is equal. */
export type NumberTest = (value: number) => boolean;
export type AddressTest = (view: DataView, at: number, family: number) => boolean;
export type TextTest = (text: string | undefined) => boolean;

function itemsOf(term: Term<string>): readonly Item[] {
  if (term.type === "in") return term.items;
  return term.type === "compare" ? [term.value] : [];
}

export function numberTest(term: Term<string>): NumberTest {
  if (term.type === "compare" && term.value.type === "number") return compareNumber(term.op, term.value.value);
  const singles = new Set<number>();
  const ranges: [from: number, to: number][] = [];
  for (const item of itemsOf(term)) {
    if (item.type === "number") singles.add(item.value);
    else if (item.type === "range" && item.from.type === "number" && item.to.type === "number")
      ranges.push([item.from.value, item.to.value]);
  }
  return (value) => {
    if (singles.has(value)) return true;
    for (const range of ranges) if (value >= range[0] && value <= range[1]) return true;
    return false;
  };
}

function compareNumber(op: Comparison, value: number): NumberTest {
  switch (op) {
    case "==":
    case "!=":
      return (one) => one === value;
    case "<":
      return (one) => one < value;
    case "<=":
      return (one) => one <= value;
    case ">":
      return (one) => one > value;
    case ">=":
      return (one) => one >= value;
  }
}

export function addressTest(term: Term<string>): AddressTest {
  const tests = itemsOf(term).flatMap((item): AddressTest[] => {
    if (item.type === "range" && item.from.type === "address" && item.to.type === "address")
      return [both(ordered(">=", item.from), ordered("<=", item.to))];
    if (item.type !== "address") return [];
    return [term.type === "compare" && term.op !== "==" && term.op !== "!=" ? ordered(term.op, item) : within(item)];
  });
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (view, at, family) => {
    for (const test of tests) if (test(view, at, family)) return true;
    return false;
  };
}

function both(a: AddressTest, b: AddressTest): AddressTest {
  return (view, at, family) => a(view, at, family) && b(view, at, family);
}

/** The four bytes from `at`, as a number. */
function wordOf(bytes: readonly number[], at: number): number {
  return bytes.slice(at, at + 4).reduce((word, byte) => word * 256 + byte, 0);
}

const wordsOf = ({ bytes }: AddressValue): number[] => Array.from({ length: bytes.length / 4 }, (_, i) => wordOf(bytes, i * 4));

/** Is the address, or in the network. */
function within(value: AddressValue): AddressTest {
  const words = wordsOf(value);
  if (isSingle(value)) {
    return (view, at, family) => {
      if (family !== value.family) return false;
      for (let i = 0; i < words.length; i++) if (view.getUint32(at + i * 4) !== words[i]) return false;
      return true;
    };
  }
  const masks = words.map((_, i) => (0xffff_ffff * 2 ** (32 - Math.min(32, Math.max(0, value.prefix - i * 32)))) >>> 0);
  return (view, at, family) => {
    if (family !== value.family) return false;
    for (let i = 0; i < words.length; i++) if ((view.getUint32(at + i * 4) & (masks[i] ?? 0)) >>> 0 !== words[i]) return false;
    return true;
  };
}

/** By the bytes from first to last, among addresses of its family. */
function ordered(op: Exclude<Comparison, "==" | "!=">, value: AddressValue): AddressTest {
  const words = wordsOf(value);
  const fits = compareNumber(op, 0);
  return (view, at, family) => {
    if (family !== value.family) return false;
    for (let i = 0; i < words.length; i++) {
      const order = view.getUint32(at + i * 4) - (words[i] ?? 0);
      if (order !== 0) return fits(order);
    }
    return fits(0);
  };
}

/** Text that is not there passes none. */
export function textTest(term: Term<string>): TextTest {
  switch (term.type) {
    case "present":
      return (text) => text !== undefined;
    case "contains":
      return (text) => text !== undefined && text.includes(term.text);
    case "compare": {
      const wanted = term.value.type === "text" ? term.value.text : "";
      return term.op === "!=" ? (text) => text !== undefined && text !== wanted : (text) => text === wanted;
    }
    case "in": {
      const wanted = new Set(itemsOf(term).map((item) => (item.type === "text" ? item.text : "")));
      return (text) => text !== undefined && wanted.has(text);
    }
  }
}
