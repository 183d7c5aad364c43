"use client";
import { useEffect, useMemo, useState } from "react";
import { captureFileHref } from "../../api/captures.ts";
import { rulesOf } from "../../domain/packets/colours.ts";
import type { PagePackets, Source } from "../../live/packets/pagePackets.ts";
import { useRemembered } from "../app/useRemembered.ts";
import type { PacketsView } from "./usePacketsView.ts";

/** Typing settles before a million packets are gone through. */
const TYPING_MS = 150;

/** Opens what the address names, unless it is open; a local file only a person can open. */
export function useOpened(session: PagePackets, source: Source, { capture, live, file, setFile, setCapture, setLive }: PacketsView): void {
  useEffect(() => {
    if (capture === "" || live !== "") return;
    const now = session.source.snapshot();
    if (now.type !== "capture" || now.id !== capture) {
      void session.openCapture(capture, new URL(captureFileHref(capture, true), location.href).href);
    }
  }, [session, capture, live]);
  // Back from another screen, the address says what is still open.
  useEffect(() => {
    if (capture !== "" || live !== "") return;
    if (source.type === "file" && file !== source.name) setFile(source.name);
    if (source.type === "capture" && file === "") setCapture(source.id);
    if (source.type === "live" && file === "") setLive(source.hosts);
    // Only what was open when the screen came counts: later the address leads.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}

/** Holds the view to the filter that is typed, once something is open. */
export function useFiltering(session: PagePackets, source: Source, text: string): void {
  const open = source.type !== "none";
  useEffect(() => {
    if (!open || session.filtering.snapshot().text === text) return;
    const timer = setTimeout(() => void session.filter(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [session, open, text]);
}

/** Gives the colouring rules to what is open; what is wrong with each of them. */
export function useColours(session: PagePackets, source: Source): readonly (string | null)[] {
  const [kept] = useRemembered("packets.colours");
  const rules = useMemo(() => rulesOf(kept), [kept]);
  const [faults, setFaults] = useState<readonly (string | null)[]>([]);
  const open = source.type !== "none";
  useEffect(() => {
    if (!open) return;
    let current = true;
    session.setColours(rules.map(({ name, filter }) => ({ name, filter }))).then(
      (found) => current && setFaults(found.map((one) => one?.message ?? null)),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [session, open, rules]);
  return faults;
}
