"use client";
import { useState } from "react";
import type { Unfolded } from "./treeRows.ts";

/** Which field is chosen, and what is unfolded: by paths, so that both stay while packets are walked and panes come and go. */
export type Fields = {
  readonly path: string | null;
  readonly setPath: (path: string | null) => void;
  readonly unfolded: Unfolded;
  readonly unfold: (change: (was: Unfolded) => Unfolded) => void;
};

export function useFields(): Fields {
  const [path, setPath] = useState<string | null>(null);
  const [unfolded, unfold] = useState<Unfolded>(new Map());
  return { path, setPath, unfolded, unfold };
}
