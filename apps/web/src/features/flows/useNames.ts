"use client";
import { useQueries } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { namesQuery } from "../../api/names.ts";
import type { AddressName } from "../../api/names.ts";
import { useServices } from "../app/services.tsx";

export type NamesByAddress = ReadonlyMap<string, AddressName>;

function merge(results: readonly UseQueryResult<{ items: AddressName[] }>[]): NamesByAddress {
  return new Map(results.flatMap(({ data }) => data?.items ?? []).map((one) => [one.address, one]));
}

/** What is known of addresses; each list is one question, so lists that stay as they are are not asked again. */
export function useNames(lists: readonly (readonly string[])[]): NamesByAddress {
  const { api } = useServices();
  return useQueries({ queries: lists.map((addresses) => namesQuery(api, addresses)), combine: merge });
}
