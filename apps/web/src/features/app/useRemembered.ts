"use client";
import { useSyncExternalStore } from "react";

const CHANGED = "sonde-remembered";

function subscribe(listener: () => void): () => void {
  addEventListener("storage", listener);
  addEventListener(CHANGED, listener);
  return () => {
    removeEventListener("storage", listener);
    removeEventListener(CHANGED, listener);
  };
}

/** Text that this browser keeps from one visit to the next; "" while nothing is kept, or where it keeps nothing. */
export function useRemembered(name: string): readonly [string, (text: string) => void] {
  const key = `sonde.${name}`;
  const text = useSyncExternalStore(
    subscribe,
    () => read(key),
    () => "",
  );
  const set = (next: string) => {
    try {
      if (next === "") localStorage.removeItem(key);
      else localStorage.setItem(key, next);
    } catch {
      return; // storage is full or closed: it is not remembered
    }
    dispatchEvent(new Event(CHANGED));
  };
  return [text, set];
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}
