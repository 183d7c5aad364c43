"use client";
import { useSyncExternalStore } from "react";

type Store<T> = { readonly subscribe: (listener: () => void) => () => void; readonly snapshot: () => T };

/** The current value of a live store; renders again when its identity changes, at most once per frame. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot);
}
