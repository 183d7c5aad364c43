import type { HostStatus } from "@sonde/protocol";
import { labelText } from "./labels.ts";

/** What the filter of the fleet can ask of a host. */
export type FleetHost = {
  readonly name: string;
  readonly status: HostStatus;
  readonly kernel: string | null;
  readonly agentVersion: string | null;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
};
type FleetField = "name" | "status" | "kernel" | "agent";

const fields: Readonly<Record<FleetField, (host: FleetHost) => string | null>> = {
  name: (host) => host.name,
  status: (host) => host.status,
  kernel: (host) => host.kernel,
  agent: (host) => host.agentVersion,
};
const isField = (text: string): text is FleetField => Object.hasOwn(fields, text);

/** The word that keeps hosts with a value; null where no word can say it. */
export function fleetWord(field: FleetField, value: string): string | null {
  return value === "" || /\s/.test(value) ? null : `${field}:${value}`;
}

/**
 * Which hosts a text of words keeps: each word is `key=value`, a label that holds; `name:`, `status:`, `kernel:` or `agent:`
 * with a whole value; or part of the host's name or of one of its labels. `!` before a word: those that it does not keep.
 */
export function fleetMatcher(text: string): (host: FleetHost) => boolean {
  const tests = wordsOf(text).map((word) => (word.startsWith("!") && word !== "!" ? not(testOf(word.slice(1))) : testOf(word)));
  return (host) => tests.every((test) => test(host));
}

type Test = (host: FleetHost) => boolean;
const not =
  (test: Test): Test =>
  (host) =>
    !test(host);

function testOf(word: string): Test {
  const colon = word.indexOf(":");
  const field = word.slice(0, Math.max(0, colon));
  const value = word.slice(colon + 1);
  if (isField(field) && value !== "") return (host) => fields[field](host) === value;
  if (word.includes("=") && !word.endsWith("=")) return (host) => host.labels.some((label) => labelText(label) === word);
  const small = word.toLowerCase();
  const has = (part: string): boolean => part.toLowerCase().includes(small);
  return (host) => host.labels.some((label) => has(labelText(label))) || (!word.includes("=") && has(host.name));
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);
const opposite = (word: string): string => (word.startsWith("!") ? word.slice(1) : `!${word}`);

/** The text with the word added, in place of its opposite. */
function withWord(text: string, word: string): string {
  const words = wordsOf(text).filter((one) => one !== opposite(word));
  return (words.includes(word) ? words : [...words, word]).join(" ");
}

/** The text with the word added, or without it where it was there. */
export function toggleWord(text: string, word: string): string {
  const words = wordsOf(text);
  return words.includes(word) ? words.filter((one) => one !== word).join(" ") : withWord(text, word);
}

/** How the filter of the fleet takes a word in, or shuts out what it keeps. */
export const fleetLanguage = {
  name: "Filter of the fleet",
  including: withWord,
  excluding: (text: string, word: string): string => withWord(text, opposite(word)),
};
