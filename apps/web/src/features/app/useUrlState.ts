"use client";
import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";

/** Values on their way through the address that are remembered at most. */
const MAX_PENDING = 64;

/**
 * One value that the page's address holds too, so that the address reproduces the view; "" leaves it out. It follows an
 * address that changes otherwise, as by the back button, and makes no step in the history itself.
 */
export function useUrlState(name: string): readonly [string, (value: string) => void] {
  const url = useSearchParams().get(name) ?? "";
  const [state, setState] = useState<{ value: string; url: string; pending: readonly string[] }>({ value: url, url, pending: [] });
  if (state.url !== url) {
    // What was written comes back some time later, when the value may be a newer one already: it must not undo that.
    const at = state.pending.indexOf(url);
    setState(at < 0 ? { value: url, url, pending: [] } : { ...state, url, pending: state.pending.slice(at + 1) });
  }
  const { value } = state;
  useEffect(() => {
    // At once: written later, it could take back a page that was opened meanwhile.
    if (value !== (new URLSearchParams(location.search).get(name) ?? "")) history.replaceState(null, "", addressWith(name, value));
  }, [name, value]);
  const set = (next: string) => setState((was) => ({ ...was, value: next, pending: [...was.pending, next].slice(-MAX_PENDING) }));
  return [value, set];
}

function addressWith(name: string, value: string): string {
  const params = new URLSearchParams(location.search);
  if (value === "") params.delete(name);
  else params.set(name, value);
  const query = params.toString();
  return query === "" ? location.pathname : `?${query}`;
}
