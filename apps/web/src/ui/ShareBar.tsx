/** A share of the largest, 0 to 1, as a bar; the number beside it says the same. */
export function ShareBar({ share }: { share: number }) {
  return <span aria-hidden className="block h-2 bg-accent" style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />;
}
