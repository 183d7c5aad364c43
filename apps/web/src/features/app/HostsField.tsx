"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { hostsQuery } from "../../api/queries.ts";
import { readHostChoice, type ReadChoice } from "../../domain/hostChoice.ts";
import { hostCount } from "../../domain/text.ts";
import { LabelsField } from "./LabelsField.tsx";
import { useServices } from "./services.tsx";

/** What a text chooses of the hosts there are; null while they are not known yet. */
export function useHostChoice(text: string): ReadChoice | null {
  const { api } = useServices();
  const hosts = useQuery(hostsQuery(api)).data;
  return useMemo(() => (hosts === undefined ? null : readHostChoice(text, hosts)), [text, hosts]);
}

type HostsFieldProps = { text: string; onText: (text: string) => void; read: ReadChoice | null; names: boolean; className?: string };

/** Where hosts are chosen by labels and, where that is of use, by names. */
export function HostsField({ text, onText, read, names, className }: HostsFieldProps) {
  const count = read?.ok === true ? read.hosts.length : 0;
  const counted = hostCount(count);
  const hint = read === null ? "Reading the hosts" : text.trim() === "" ? `All: ${counted}` : `${counted} now`;
  return (
    <LabelsField
      label="Hosts"
      className={className}
      placeholder={names ? "all, or env=prod web-1" : "all, or env=prod role=db"}
      text={text}
      onText={onText}
      read={read === null || read.ok ? { ok: true } : read}
      hint={hint}
    />
  );
}
