"use client";
import type { ReactNode } from "react";
import type { GroupAsk } from "../../api/flows.ts";
import { useValueMenu } from "../app/valueMenu.tsx";
import { groupTarget } from "./flowTarget.ts";

/** What a table of groups is given. */
export type GroupTableProps = {
  ask: GroupAsk;
  filter: string;
  onFilter: (filter: string) => void;
  onOpen: (key: readonly (string | null)[]) => void;
};
type Key = readonly (string | null)[];

/** The menu of the values that groups have in common; by key, or on a number, that of the first one. */
export function useGroupMenu(
  by: string,
  to: Pick<GroupTableProps, "filter" | "onFilter">,
): { readonly show: (key: Key, column: string | null, at: { x: number; y: number }) => void; readonly menu: ReactNode } {
  const { show, menu } = useValueMenu(to);
  const fields = by.split(",");
  return {
    show: (key, column, at) => {
      const i = Math.max(0, fields.indexOf(column ?? ""));
      const value = key[i];
      if (value !== undefined) show(groupTarget(fields[i] ?? "", value), at);
    },
    menu,
  };
}
