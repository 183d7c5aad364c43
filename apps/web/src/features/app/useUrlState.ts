"use client";
import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";

/** Whoever types faster is not written down yet. */
const PAUSE_MS = 200;

/**
 * One value that the page's address holds too, so that the address reproduces the view; "" leaves it out. It follows an
 * address that changes otherwise, as by the back button, and makes no step in the history itself.
 */
export function useUrlState(name: string): readonly [string, (value: string) => void] {
  const url = useSearchParams().get(name) ?? "";
  const [state, setState] = useState({ value: url, url, written: url });
  // The address comes back some time after it was written, when the value may be a newer one already.
  if (state.url !== url) setState(url === state.written ? { ...state, url } : { value: url, url, written: url });
  const { value } = state;
  useEffect(() => {
    if (value === (new URLSearchParams(location.search).get(name) ?? "")) return;
    const timer = setTimeout(() => {
      setState((was) => ({ ...was, written: value }));
      history.replaceState(null, "", addressWith(name, value));
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [name, value]);
  return [value, (next) => setState((was) => ({ ...was, value: next }))];
}

function addressWith(name: string, value: string): string {
  const params = new URLSearchParams(location.search);
  if (value === "") params.delete(name);
  else params.set(name, value);
  const query = params.toString();
  return query === "" ? location.pathname : `?${query}`;
}
