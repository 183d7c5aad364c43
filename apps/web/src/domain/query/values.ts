import { isSingle, parseAddress } from "./addressLiteral.ts";
import type { Read } from "./fieldSet.ts";
import type { ValueField } from "./fieldTypes.ts";
import { fieldOf, type FieldName } from "./fields.ts";
import type { AddressValue, Comparison, NumberValue, Range, TextValue, Value } from "./types.ts";

const MAX_TEXT = 255;
const factors: ReadonlyMap<string, number> = new Map([
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
  ["T", 1e12],
]);
const milliseconds: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
]);

/** A value as written, without quotes, for this field. */
export function readValue(name: string, field: ValueField, text: string): Read<Value> {
  const value = valueOf(field, text);
  return value === null ? { ok: false, message: `${name} expects ${expected(field)}` } : { ok: true, value };
}

/** What the field takes, in words. */
function expected(field: ValueField): string {
  switch (field.type) {
    case "presence":
      return "no value: it is there or not";
    case "number":
      return expectedNumber(field);
    case "name":
      return field.names.size <= 6 ? oneOf([...field.names.keys()]) : `a name like ${oneOf([...field.names.keys()].slice(0, 3))}`;
    case "flag":
      return "1 or 0";
    case "bytes":
      return `${field.length ?? "any number of"} bytes in hexadecimal, like 02:00:5e:10:00:01`;
    case "address":
      return field.family === 6
        ? "an IPv6 address or network, like 2001:db8::/32"
        : "an address or network, like 10.0.0.0/8 or 2001:db8::1";
    case "text":
      return `text of at most ${MAX_TEXT} characters, none of them a control character`;
  }
}

function expectedNumber({ unit, min, max, names }: Extract<ValueField, { type: "number" }>): string {
  if (unit === "duration") return "a time of whole milliseconds, like 500ms, 10s, 5m or 1h";
  if (unit === "seconds") return "seconds, like 1.25";
  if (unit === "count") return "a whole number, like 1500, 10k or 2M";
  return `a number from ${min} to ${max}${names.size === 0 ? "" : `, or a name like ${oneOf([...names.keys()].slice(0, 3))}`}`;
}

function oneOf(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function valueOf(field: ValueField, text: string): Value | null {
  switch (field.type) {
    case "presence":
      return null;
    case "number": {
      const value = field.names.get(text.toLowerCase()) ?? numberOf(text, field.unit);
      return value !== null && value >= field.min && value <= field.max ? { type: "number", value } : null;
    }
    case "name": {
      const value = field.names.get(text.toLowerCase());
      return value === undefined ? null : { type: "number", value };
    }
    case "flag":
      return /^(0|1|true|false)$/i.test(text) ? { type: "number", value: /^(1|true)$/i.test(text) ? 1 : 0 } : null;
    case "address": {
      const value = parseAddress(text);
      return value !== null && (field.family === null || value.family === field.family) ? value : null;
    }
    case "text":
      return isText(text) ? { type: "text", text } : null;
    case "bytes": {
      const bytes = parseBytes(text);
      return bytes !== null && (field.length === null || bytes.length === field.length) ? { type: "bytes", bytes } : null;
    }
  }
}

/** Pairs of hexadecimal digits, with colons, dashes or dots between them or without; null when it is none, or longer than a filter may be. */
export function parseBytes(text: string): number[] | null {
  if (!/^[0-9a-f]{2}(?:[:.-]?[0-9a-f]{2})*$/i.test(text)) return null;
  return [...text.matchAll(/[0-9a-f]{2}/gi)].map(([pair]) => Number.parseInt(pair, 16));
}

/** Whole numbers only, with the unit applied; null when it is none. */
function numberOf(text: string, unit: "none" | "count" | "duration" | "seconds"): number | null {
  if (unit === "seconds") return /^-?\d{1,12}(\.\d{1,9})?$/.test(text) ? Number(text) : null;
  if (/^0x[0-9a-f]{1,13}$/i.test(text)) return unit === "duration" ? null : Number(text);
  const parts = /^(\d{1,16}(?:\.\d{1,9})?)([A-Za-z]*)$/.exec(text);
  if (parts === null) return null;
  const [, digits = "", suffix = ""] = parts;
  const factor = factorOf(suffix, unit);
  if (factor === undefined || (digits.includes(".") && suffix === "")) return null;
  const value = Number(digits) * factor;
  const whole = Math.round(value); // 1.1 × 1000 need not be 1100
  return Number.isSafeInteger(whole) && Math.abs(value - whole) <= 1e-9 * Math.max(1, value) ? whole : null;
}

function factorOf(suffix: string, unit: "none" | "count" | "duration"): number | undefined {
  if (unit === "duration") return milliseconds.get(suffix);
  return suffix === "" ? 1 : unit === "count" ? factors.get(suffix) : undefined;
}

/** What Postgres keeps as text without change: no control characters and no halves of a surrogate pair. */
function isText(text: string): boolean {
  return text.length <= MAX_TEXT && !/[\p{Cc}\p{Cs}]/u.test(text);
}

/** Why this comparison does not fit the field; null when it does. */
export function refuseComparison(name: string, { type }: ValueField, op: Comparison, value: Value): string | null {
  if (op === "==" || op === "!=") return null;
  if (type !== "number" && type !== "address") return `${name} has no order: it takes == and !=`;
  return value.type === "address" && !isSingle(value) ? "a network has no order: == asks whether an address is in it" : null;
}

/** From one value to another, both included. */
export function rangeOf(name: string, { type }: ValueField, { from, to }: { from: Value; to: Value }): Read<Range> {
  if (type !== "number" && type !== "address") return { ok: false, message: `${name} has no order: it takes no ranges` };
  if (from.type === "number" && to.type === "number") return ordered({ type: "range", from, to }, from.value <= to.value);
  if (from.type !== "address" || to.type !== "address" || from.family !== to.family || !isSingle(from) || !isSingle(to))
    return { ok: false, message: "a range goes from one address to another of the same family" };
  return ordered({ type: "range", from, to }, compareBytes(from, to) <= 0);
}

function ordered(value: Range, inOrder: boolean): Read<Range> {
  return inOrder ? { ok: true, value } : { ok: false, message: "the range ends before it begins" };
}

function compareBytes(a: AddressValue, b: AddressValue): number {
  for (const [i, byte] of a.bytes.entries()) if (byte !== b.bytes[i]) return byte - (b.bytes[i] ?? 0);
  return 0;
}

/** As a query writes the value of this field; read again, it is the same. */
export function numberText(name: FieldName, { value }: NumberValue): string {
  const field = fieldOf(name);
  if (field.type === "number" || field.type === "name") for (const [text, number] of field.names) if (number === value) return text;
  return field.type === "number" && field.unit === "duration" ? `${value}ms` : String(value);
}

/** In quotes; a backslash before what would end them. */
export function quoted({ text }: Pick<TextValue, "text">): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** What stands between the quotes, as it is meant. */
export function unquoted(raw: string): string {
  return raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(.)/gsu, "$1") : raw;
}
