"use client";
import { useEffect, useState } from "react";

export type Asked<T> = { readonly value: T | null; readonly pending: boolean; readonly failed: string | null };

/** The answer to a question that is asked anew whenever `key` changes; the answer before stays until the new one came. */
export function useAsked<T>(key: string, ask: () => Promise<T>): Asked<T> {
  const [state, setState] = useState<{ key: string; value: T | null; failed: string | null }>({ key: "", value: null, failed: null });
  useEffect(() => {
    let current = true;
    ask().then(
      (value) => current && setState({ key, value, failed: null }),
      (error: unknown) =>
        current && setState((was) => ({ key, value: was.value, failed: error instanceof Error ? error.message : "it was not answered" })),
    );
    return () => {
      current = false;
    };
    // The key says when to ask again; what is called is made anew with every render.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return { value: state.value, pending: state.key !== key, failed: state.failed };
}
