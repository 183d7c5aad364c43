import { labelSelectorSchema, type LabelSelector } from "@sonde/protocol";

/** A scope as it is stored. What cannot be read throws: a scope that is damaged must not turn into "all hosts". */
export function readScope(stored: unknown): LabelSelector | null {
  return labelSelectorSchema.nullable().parse(stored);
}

/** Whether every host that `inner` shows is shown by `outer` too. */
export function isWithin(inner: LabelSelector | null, outer: LabelSelector | null): boolean {
  if (outer === null) return true;
  if (inner === null) return false;
  return Object.entries(outer).every(
    ([key, allowed]) => Object.hasOwn(inner, key) && inner[key]!.every((value) => allowed.includes(value)),
  );
}
