/** The shown ids after a click on one: flipped, or with `alone` the only one. */
export function toggled(shown: ReadonlySet<string>, id: string, alone: boolean): Set<string> {
  if (alone) return new Set([id]);
  const next = new Set(shown);
  if (!next.delete(id)) next.add(id);
  return next;
}
