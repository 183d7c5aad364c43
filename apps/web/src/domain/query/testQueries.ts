import fc from "fast-check";
import { parseAddress } from "./addressLiteral.ts";
import { fieldNames, fieldOf, type FieldName } from "./fields.ts";
import { joined } from "./query.ts";
import type { AddressValue, Comparison, Condition, Item, NumberValue, Query, Value } from "./types.ts";

/** Few values, so that queries by chance meet rows by chance. */
export const testAddresses = [
  "0.0.0.0",
  "10.0.0.1",
  "10.0.0.2",
  "10.0.1.77",
  "10.200.0.1",
  "192.0.2.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "2001:db8::1",
  "2001:db8::2",
  "2001:db8:0:1::1",
  "fe80::1",
  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
] as const;
const testNumbers = [
  0,
  1,
  2,
  4,
  5,
  6,
  7,
  17,
  18,
  53,
  58,
  132,
  255,
  443,
  500,
  1000,
  1500,
  4095,
  8080,
  40_000,
  65_535,
  0x00ab_cdef,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 40,
] as const;
export const testHosts = ["web-1", "web-2", "db", 'odd "name" \\ ü'] as const;
export const testLabels = { env: ["prod", "test"], "team.role": ["edge", "core", "prod"] } as const;
export const testInterfaces = ["eth0", "eth1", "lo"] as const;

const texts: readonly string[] = ["", "e", "web", "1", ...testHosts, ...testInterfaces, ...testLabels.env, ...testLabels["team.role"]];

const addressOf = (text: string): AddressValue => {
  const value = parseAddress(text);
  if (value === null) throw new Error(`${text} is no address`);
  return value;
};

const someAddress = fc.constantFrom(...testAddresses);
const networkOf = (address: string, length: number): AddressValue =>
  addressOf(`${address}/${address.includes(":") ? length : Math.min(32, length)}`);
const network = fc
  .tuple(someAddress, fc.oneof(fc.constantFrom(0, 8, 16, 24, 31, 32, 64, 96), fc.nat(128)))
  .map(([a, n]) => networkOf(a, n));
const single = someAddress.map(addressOf);

function value(name: FieldName, alone: boolean): fc.Arbitrary<Value> {
  const field = fieldOf(name);
  switch (field.type) {
    case "address": {
      const any: fc.Arbitrary<AddressValue> = alone ? single : fc.oneof(single, network);
      return field.family === 6 ? any.filter(({ family }) => family === 6) : any;
    }
    case "text":
      return fc.constantFrom(...texts).map((text) => ({ type: "text", text }));
    case "flag":
      return fc.constantFrom(0, 1).map((bit) => ({ type: "number", value: bit }));
    case "name":
      return fc.constantFrom(...field.names.values()).map((code) => ({ type: "number", value: code }));
    case "number":
    case "presence": {
      const [min, max] = field.type === "number" ? [field.min, field.max] : [0, 0];
      const known = testNumbers.filter((number) => number >= min && number <= max);
      return fc.oneof(fc.constantFrom(...known), fc.integer({ min, max })).map((number) => ({ type: "number", value: number }));
    }
  }
}

function item(name: FieldName): fc.Arbitrary<Item> {
  const { type } = fieldOf(name);
  if (type !== "number" && type !== "address") return value(name, false);
  const range = fc.tuple(value(name, true), value(name, true)).map(([a, b]): Item => rangeOf(a, b));
  return fc.oneof({ weight: 3, arbitrary: value(name, false) }, { weight: 1, arbitrary: range });
}

function rangeOf(a: Value, b: Value): Item {
  if (a.type === "number" && b.type === "number") {
    const [from, to]: [NumberValue, NumberValue] = a.value <= b.value ? [a, b] : [b, a];
    return { type: "range", from, to };
  }
  if (a.type !== "address" || b.type !== "address" || a.family !== b.family) return a;
  const order = a.bytes.map((byte, i) => byte - (b.bytes[i] ?? 0)).find((difference) => difference !== 0) ?? 0;
  return order <= 0 ? { type: "range", from: a, to: b } : { type: "range", from: b, to: a };
}

function term(name: FieldName): fc.Arbitrary<Condition> {
  const { type } = fieldOf(name);
  const present = fc.constant<Condition>({ type: "present", field: name });
  if (type === "presence") return present;
  const equal = fc.constantFrom<Comparison>("==", "!=");
  const ordered = fc.constantFrom<Exclude<Comparison, "==" | "!=">>("<", "<=", ">", ">=");
  const compare = fc.tuple(equal, value(name, false)).map(([op, one]): Condition => ({ type: "compare", field: name, op, value: one }));
  const inSet = fc.array(item(name), { minLength: 1, maxLength: 4 }).map((items): Condition => ({ type: "in", field: name, items }));
  if (type === "text") {
    const contains = fc.constantFrom(...texts).map((text): Condition => ({ type: "contains", field: name, text }));
    return fc.oneof(present, compare, compare, inSet, contains);
  }
  if (type === "name" || type === "flag") return fc.oneof(present, compare, compare, inSet);
  const order = fc.tuple(ordered, value(name, true)).map(([op, one]): Condition => ({ type: "compare", field: name, op, value: one }));
  return fc.oneof(present, compare, compare, order, inSet);
}

const labels = Object.keys(testLabels).map((key): FieldName => `host.label.${key}`);
/** A statement about any field. */
export const someTerm: fc.Arbitrary<Condition> = fc.constantFrom<FieldName>(...fieldNames, ...labels, "host.label.unset").chain(term);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: someTerm },
    { weight: 1, arbitrary: tie("condition").map((of): Condition => ({ type: "not", of })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom<"and" | "or">("and", "or"), fc.array(tie("condition"), { minLength: 2, maxLength: 3 }))
        .map(([type, of]) => joined(type, of)),
    },
  ),
}));

/** Any query. */
export const someQuery: fc.Arbitrary<Query> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Query>({ type: "all" }) },
  { weight: 99, arbitrary: condition },
);
