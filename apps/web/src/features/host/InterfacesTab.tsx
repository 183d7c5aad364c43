"use client";
import type { HostInterface } from "../../api/types.ts";
import { allClasses } from "../../domain/summary.ts";
import { visible } from "../../domain/text.ts";
import { si } from "../../domain/units.ts";
import type { RateStore } from "../../live/rateStore.ts";
import { Listing } from "../../ui/Listing.tsx";
import { MenuValue } from "../../ui/MenuValue.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { Value } from "../../ui/Value.tsx";
import { useStore } from "../app/useStore.ts";
import { addressTarget, interfaceTarget, macTarget } from "./interfaceTarget.ts";
import { lastKnown } from "./rateSeries.ts";
import { usePacketMenu } from "./useHostMenus.ts";

const hooks: Record<HostInterface["hook"], string> = {
  tcx: "TCX",
  clsact: "clsact",
  "xdp-native": "XDP native in, TCX out",
  "xdp-generic": "XDP generic in, TCX out",
  socket: "packet socket",
  none: "not attached",
};

type InterfacesTabProps = { host: { id: string; name: string | null }; interfaces: readonly HostInterface[]; rates: RateStore };

/** Each interface with what counts its packets, and its rates by direction over the last second. */
export function InterfacesTab({ host, interfaces, rates }: InterfacesTabProps) {
  useStore(rates);
  const { show, menu } = usePacketMenu(host);
  if (interfaces.length === 0) return <Empty title="No interfaces announced yet">The agent announces them when it connects.</Empty>;
  const rate = (one: HostInterface, direction: 1 | 2, measure: "packets" | "bytes") => {
    if (one.hook === "none") return "–";
    const value = lastKnown(rates.series({ interfaces: [one.ifindex], classes: allClasses, directions: [direction], measure }));
    return si(value === null ? null : measure === "bytes" ? value * 8 : value);
  };
  return (
    <div className="min-h-0 flex-1 overflow-auto px-4">
      <Listing
        label="Interfaces"
        columns={[
          { id: "name", header: "Interface", mono: true },
          { id: "state", header: "State" },
          { id: "kind", header: "Kind" },
          { id: "hook", header: "Counted by" },
          { id: "in-packets", header: "In, packets/s", align: "right" },
          { id: "in-bits", header: "In, bit/s", align: "right" },
          { id: "out-packets", header: "Out, packets/s", align: "right" },
          { id: "out-bits", header: "Out, bit/s", align: "right" },
          { id: "mtu", header: "MTU", align: "right" },
          { id: "mac", header: "MAC", mono: true },
          { id: "addresses", header: "Addresses", mono: true },
        ]}
        rows={interfaces.map((one) => ({
          id: String(one.id),
          cells: [
            <MenuValue key="name" onMenu={(at) => show(interfaceTarget(host.id, one.name), at)}>
              {visible(one.name)}
            </MenuValue>,
            <State key="state" of={one} />,
            one.kind,
            <span key="hook">
              {hooks[one.hook]}
              {one.reason === undefined ? null : <span className="text-muted">: {visible(one.reason)}</span>}
            </span>,
            <Value key="in-packets" text={rate(one, 1, "packets")} />,
            <Value key="in-bits" text={rate(one, 1, "bytes")} />,
            <Value key="out-packets" text={rate(one, 2, "packets")} />,
            <Value key="out-bits" text={rate(one, 2, "bytes")} />,
            one.mtu,
            one.mac === null ? (
              <Value key="mac" text="–" />
            ) : (
              <MenuValue key="mac" onMenu={(at) => show(macTarget(one), at)}>
                {visible(one.mac)}
              </MenuValue>
            ),
            one.addresses?.length ? (
              <span key="addresses" className="flex gap-3">
                {one.addresses.map((address) => (
                  <MenuValue key={address} onMenu={(at) => show(addressTarget(address), at)}>
                    {visible(address)}
                  </MenuValue>
                ))}
              </span>
            ) : (
              <span key="addresses" className="text-muted">
                none
              </span>
            ),
          ],
        }))}
      />
      {menu}
    </div>
  );
}

function State({ of }: { of: HostInterface }) {
  if (!of.present) return <StatusDot tone="muted" shape="crossed" label="Gone" />;
  return of.up ? <StatusDot tone="ok" shape="filled" label="Up" /> : <StatusDot tone="muted" shape="ring" label="Down" />;
}
