"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { checkFilterQuery } from "../../api/filters.ts";
import { useServices } from "../app/services.tsx";

/** A person who types faster than this is not asked about yet. */
const PAUSE_MS = 250;

export type Verdict =
  | { readonly state: "empty" | "checking" }
  | { readonly state: "sound"; readonly ethernet: number; readonly raw: number | null }
  | { readonly state: "wrong"; readonly message: string; readonly position: number; readonly length: number }
  /** The hub could not be asked. */
  | { readonly state: "unknown"; readonly error: Error };

/** What the hub's libpcap makes of an expression while it is typed. */
export function useCheck(expression: string): Verdict {
  const { api } = useServices();
  const [settled, setSettled] = useState(expression);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(expression), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [expression]);
  const current = settled === expression;
  const check = useQuery({ ...checkFilterQuery(api, settled), enabled: current && settled.trim() !== "" });
  if (expression.trim() === "") return { state: "empty" };
  if (!current) return { state: "checking" };
  if (check.error !== null) return { state: "unknown", error: check.error };
  if (check.data === undefined) return { state: "checking" };
  const { data } = check;
  return data.ok ? { state: "sound", ...data.instructions } : { state: "wrong", ...data };
}
