/** Where a key leads from the chosen row (−1: none chosen); null when the key does not walk or nothing is there. */
export function walk(key: string, from: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const clamp = (row: number): number => Math.min(count - 1, Math.max(0, row));
  switch (key) {
    case "ArrowDown":
      return from < 0 ? count - 1 : clamp(from + 1);
    case "ArrowUp":
      return from < 0 ? count - 1 : clamp(from - 1);
    case "PageDown":
      return clamp((from < 0 ? count - 1 : from) + page);
    case "PageUp":
      return clamp((from < 0 ? count - 1 : from) - page);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
