"use client";
import type { HostInterface } from "../../api/types.ts";
import { allClasses } from "../../domain/summary.ts";
import { visible } from "../../domain/text.ts";
import { si } from "../../domain/units.ts";
import type { RateStore } from "../../live/rateStore.ts";
import { Empty } from "../../ui/Notice.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { Value } from "../../ui/Value.tsx";
import { useStore } from "../app/useStore.ts";
import { lastKnown } from "./rateSeries.ts";

const hooks: Record<HostInterface["hook"], string> = {
  tcx: "TCX",
  clsact: "clsact",
  "xdp-native": "XDP native in, TCX out",
  "xdp-generic": "XDP generic in, TCX out",
  socket: "packet socket",
  none: "not attached",
};

/** Each interface with what counts its packets, and its rates by direction over the last second. */
export function InterfacesTab({ interfaces, rates }: { interfaces: readonly HostInterface[]; rates: RateStore }) {
  useStore(rates);
  if (interfaces.length === 0) return <Empty title="No interfaces announced yet">The agent announces them when it connects.</Empty>;
  const rate = (one: HostInterface, direction: 1 | 2, measure: "packets" | "bytes") => {
    if (one.hook === "none") return "–";
    const value = lastKnown(rates.series({ interfaces: [one.ifindex], classes: allClasses, directions: [direction], measure }));
    return si(value === null ? null : measure === "bytes" ? value * 8 : value);
  };
  return (
    <div className="overflow-auto">
      <table
        aria-label="Interfaces"
        className="w-full text-sm [&_td]:h-7 [&_td]:pr-6 [&_td:first-child]:pl-4 [&_th]:pr-6 [&_th]:font-medium [&_th:first-child]:pl-4"
      >
        <thead className="sticky top-0 bg-surface text-left text-xs text-muted">
          <tr className="h-7 border-b border-line">
            <th>Interface</th>
            <th>State</th>
            <th>Kind</th>
            <th>Counted by</th>
            <th className="text-right">In, packets/s</th>
            <th className="text-right">In, bit/s</th>
            <th className="text-right">Out, packets/s</th>
            <th className="text-right">Out, bit/s</th>
            <th className="text-right">MTU</th>
            <th>MAC</th>
            <th>Addresses</th>
          </tr>
        </thead>
        <tbody>
          {interfaces.map((one) => (
            <tr key={one.id} className="border-b border-line">
              <td className="mono">{visible(one.name)}</td>
              <td>
                {one.present ? (
                  one.up ? (
                    <StatusDot tone="ok" shape="filled" label="Up" />
                  ) : (
                    <StatusDot tone="muted" shape="ring" label="Down" />
                  )
                ) : (
                  <StatusDot tone="muted" shape="crossed" label="Gone" />
                )}
              </td>
              <td>{one.kind}</td>
              <td>
                {hooks[one.hook]}
                {one.reason === undefined ? null : <span className="text-muted">: {visible(one.reason)}</span>}
              </td>
              <td className="text-right">
                <Value text={rate(one, 1, "packets")} />
              </td>
              <td className="text-right">
                <Value text={rate(one, 1, "bytes")} />
              </td>
              <td className="text-right">
                <Value text={rate(one, 2, "packets")} />
              </td>
              <td className="text-right">
                <Value text={rate(one, 2, "bytes")} />
              </td>
              <td className="text-right">{one.mtu}</td>
              <td className="mono text-muted">{one.mac === null ? <Value text="–" /> : visible(one.mac)}</td>
              <td className="mono">
                {one.addresses?.length ? one.addresses.map(visible).join(" ") : <span className="text-muted">none</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
