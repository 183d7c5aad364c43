"use client";
import { useEffect, useRef, useState } from "react";
import type { PacketDetail } from "../../domain/packets/types.ts";
import type { TableState } from "../../live/packets/messages.ts";
import type { PagePackets } from "../../live/packets/pagePackets.ts";
import { useAsked } from "./useAsked.ts";

/** The address follows so late: browsers refuse to have it changed many times a second, as a held arrow key would. */
const ADDRESS_MS = 300;

export type Selection = {
  /** Number of the chosen packet, and its place in the view or −1. */
  readonly number: number | null;
  readonly place: number;
  readonly detail: PacketDetail | null;
  readonly choose: (number: number | null) => void;
  /** A place whose row may not have come yet: number 0. */
  readonly choosePlace: (place: number, number: number) => void;
};

/** The chosen packet, which the address names too. It stays chosen when a filter hides it. */
export function useSelection(options: {
  session: PagePackets;
  table: TableState | null;
  address: number | null;
  onAddress: (number: number | null) => void;
}): Selection {
  const { session, table, address, onAddress } = options;
  const [state, setState] = useState<{ number: number | null; place: number }>({ number: address, place: -1 });
  const [known, setKnown] = useState(address);
  const { number } = state;
  if (known !== address) {
    setKnown(address);
    if (address !== number) setState({ number: address, place: -1 });
  }
  const write = useRef(onAddress);
  useEffect(() => {
    write.current = onAddress;
  });
  useEffect(() => {
    if (number === known) return;
    const timer = setTimeout(() => {
      setKnown(number);
      write.current(number);
    }, ADDRESS_MS);
    return () => clearTimeout(timer);
  }, [number, known]);

  const wanted = number !== null && table !== null && number < table.firstNumber + table.packets;
  const view = table === null ? "" : `${table.filter} ${table.revision} ${table.unfiltered === 0} ${table.name}`;
  useEffect(() => {
    if (!wanted || number === null) return;
    let current = true;
    session.client.placeOf(number).then(
      (found) =>
        current && setState((was) => (was.number === number ? { number, place: found?.number === number ? found.place : -1 } : was)),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [session, number, view, wanted]);

  const asked = useAsked(`${wanted ? number : ""} ${table?.revision ?? ""} ${table?.name ?? ""}`, async () =>
    wanted && number !== null ? session.client.detail(number) : null,
  );
  const choosing = useRef(0);
  return {
    number,
    place: state.place,
    detail: number === null ? null : asked.value,
    choose: (next) => setState({ number: next, place: -1 }),
    choosePlace: (place, next) => {
      const mine = ++choosing.current;
      if (next > 0) return setState({ number: next, place });
      setState((was) => ({ ...was, place }));
      session.client.rows(place, 1).then(
        ({ rows }) => {
          const row = rows[0];
          if (row !== undefined && mine === choosing.current) setState({ number: row.number, place });
        },
        () => undefined,
      );
    },
  };
}
