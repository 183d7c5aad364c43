/** A key, as it stands on a keyboard. */
export function Kbd({ children }: { children: string }) {
  return <kbd className="mono rounded border border-edge bg-surface px-1.5 py-0.5 text-sm">{children}</kbd>;
}
