"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { protoClasses, totalsQuery, type SideTotals } from "../../api/totals.ts";
import type { HostInterface } from "../../api/types.ts";
import { bytesText } from "../../domain/storage.ts";
import { visible } from "../../domain/text.ts";
import { sumOf, together, type Sum } from "../../domain/totals.ts";
import { exact, percent } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { Listing, type ListingColumn } from "../../ui/Listing.tsx";
import { MenuValue } from "../../ui/MenuValue.tsx";
import { Empty, Notice } from "../../ui/Notice.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Select } from "../../ui/Select.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import type { ShowMenu } from "../app/valueMenu.tsx";
import { className, classTarget, flagTarget, lengthsTarget, lengthsText, sideTarget } from "./counterTarget.ts";
import { interfaceTarget } from "./interfaceTarget.ts";
import { usePacketMenu } from "./useHostMenus.ts";

const windows = [
  { value: "300", label: "5 min" },
  { value: "3600", label: "1 h" },
  { value: "86400", label: "24 h" },
  { value: "604800", label: "7 d" },
] as const;
type Window = (typeof windows)[number]["value"];

const number = (id: string, header: string): ListingColumn => ({ id, header, align: "right" });
const counted = [number("frames", "Frames"), number("packets", "Packets"), number("bytes", "Bytes"), number("dropped", "Dropped")];

/** What the kernel counted exactly, by interface, protocol, TCP flag and size; what was dropped stands beside. */
export function CountersTab({ host, interfaces }: { host: { id: string; name: string | null }; interfaces: readonly HostInterface[] }) {
  const { api } = useServices();
  const { show, menu } = usePacketMenu(host);
  const [seconds, setSeconds] = useState<Window>("3600");
  const [only, setOnly] = useState("");
  const totals = useQuery(totalsQuery(api, host.id, Number(seconds)));
  const items = totals.data?.items ?? [];
  const chosen = only === "" ? items : items.filter((item) => String(item.interface) === only);
  const known = (id: number): string | null => interfaces.find((one) => one.id === id)?.name ?? null;
  const nameOf = (id: number): string => visible(known(id) ?? `interface ${id}`);
  const named = (id: number): ReactNode => {
    const name = known(id);
    return name === null ? nameOf(id) : <MenuValue onMenu={(at) => show(interfaceTarget(host.id, name), at)}>{visible(name)}</MenuValue>;
  };
  return (
    <div tabIndex={0} className="flex min-h-0 flex-1 flex-col gap-4 overflow-auto p-4 focus-visible:-outline-offset-2">
      <div className="flex flex-wrap items-center gap-3">
        <Segmented label="Window" options={windows} value={seconds} onChange={setSeconds} />
        <Select label="Interface" value={only} onChange={setOnly}>
          <option value="">All interfaces</option>
          {[...new Set(items.map((item) => item.interface))].map((id) => (
            <option key={id} value={id}>
              {nameOf(id)}
            </option>
          ))}
        </Select>
        <p className="text-xs text-muted">Counted by the kernel, packet by packet; never sampled.</p>
      </div>
      {totals.error === null ? null : (
        <Notice kind="error" title={general(totals.error).title} action={<Button onClick={() => void totals.refetch()}>Try again</Button>}>
          The counters could not be read. {general(totals.error).todo}
        </Notice>
      )}
      {totals.data !== undefined && items.length === 0 ? (
        <Empty title="Nothing was counted in this time">The host was not connected, or no packet passed any of its interfaces.</Empty>
      ) : (
        <Tables items={items} chosen={chosen} named={named} onMenu={show} />
      )}
      {menu}
    </div>
  );
}

type TablesProps = {
  items: readonly SideTotals[];
  chosen: readonly SideTotals[];
  /** The name of an interface by its id. */
  named: (id: number) => ReactNode;
  onMenu: ShowMenu;
};

function Tables({ items, chosen, named, onMenu }: TablesProps) {
  const all = together(chosen);
  const whole = sumOf(all.classes);
  const part = (frames: string): string => percent(BigInt(frames), whole.frames);
  return (
    <div className="grid items-start gap-x-10 gap-y-6 xl:grid-cols-2">
      <Section title="By interface">
        <Listing
          label="Counters by interface"
          columns={[{ id: "name", header: "Interface", mono: true }, { id: "side", header: "Way" }, ...counted]}
          rows={items.map((item) => ({
            id: `${item.interface} ${item.side}`,
            cells: [
              named(item.interface),
              <MenuValue key="side" onMenu={(at) => onMenu(sideTarget(item.side), at)}>
                {item.side === "rx" ? "in" : "out"}
              </MenuValue>,
              ...cells(sumOf(item.classes), sumOf(item.dropped)),
            ],
          }))}
        />
      </Section>
      <Section title="By protocol">
        <Listing
          label="Counters by protocol"
          columns={[{ id: "name", header: "Protocol" }, ...counted]}
          rows={protoClasses
            .filter((name) => all.classes[name] !== undefined)
            .map((name) => ({
              id: name,
              cells: [
                <MenuValue key="name" onMenu={(at) => onMenu(classTarget(name), at)}>
                  {className(name)}
                </MenuValue>,
                ...cells(sumOf({ [name]: all.classes[name] }), sumOf({ [name]: all.dropped[name] })),
              ],
            }))}
        />
      </Section>
      <Section title="TCP flags">
        <Listing
          label="Counters by TCP flag"
          columns={[{ id: "flag", header: "Flag", mono: true }, number("frames", "Frames"), number("part", "Of all frames")]}
          rows={Object.entries(all.tcpFlags).map(([flag, frames]) => ({
            id: flag,
            cells: [
              <MenuValue key="flag" onMenu={(at) => onMenu(flagTarget(flag), at)}>
                {flag.toUpperCase()}
              </MenuValue>,
              exact(frames),
              part(frames),
            ],
          }))}
        />
      </Section>
      <Section title="Frame lengths">
        <Listing
          label="Counters by frame length"
          columns={[{ id: "least", header: "Bytes" }, number("frames", "Frames"), number("part", "Of all frames")]}
          rows={all.sizes.map(({ least, frames }, i) => {
            const next = all.sizes[i + 1]?.least ?? null;
            return {
              id: String(least),
              cells: [
                <MenuValue key="least" onMenu={(at) => onMenu(lengthsTarget(least, next), at)}>
                  {lengthsText(least, next)}
                </MenuValue>,
                exact(frames),
                part(frames),
              ],
            };
          })}
        />
        <p className="pt-2 text-xs text-muted">
          {exact(all.malformed)} frames had headers that make no sense; they are passed on and counted here.
        </p>
      </Section>
    </div>
  );
}

function cells(sum: Sum, dropped: Sum) {
  return [
    exact(sum.frames),
    exact(sum.packets),
    bytesText(Number(sum.bytes)),
    <span key="dropped" className={dropped.frames === 0n ? "text-muted" : "font-medium text-dropped"}>
      {exact(dropped.frames)}
    </span>,
  ];
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0 overflow-x-auto">
      <h2 className="pb-1 text-sm font-semibold">{title}</h2>
      {children}
    </section>
  );
}
