import { expect, test } from "vitest";
import type { Flow } from "../../api/flows.ts";
import { parseQuery } from "../../domain/query/index.ts";
import { flowTarget, groupTarget } from "./flowTarget.ts";

const flow: Flow = {
  at: "2026-01-01T00:00:01.000Z",
  first: "2026-01-01T00:00:00.000Z",
  last: "2026-01-01T00:00:01.000Z",
  hostId: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11",
  host: 'we"b',
  interface: "eth0",
  direction: "in",
  verdict: "pass",
  protocol: 6,
  sourceAddress: "192.0.2.1",
  sourcePort: 40_000,
  destinationAddress: "2001:db8::2",
  destinationPort: 443,
  tcpFlags: 2,
  vlan: null,
  vlanInner: null,
  tunnel: null,
  tunnelId: null,
  endReason: "idle",
  frames: "3",
  packets: "3",
  bytes: "300",
};

test("what a cell says is a filter of the page, and one of tcpdump where that has words for it", () => {
  const columns = ["host", "interface", "direction", "protocol", "source", "destination", "verdict", null];
  const targets = columns.map((column) => flowTarget(flow, column));
  for (const { term } of targets) expect([term, parseQuery(term ?? "tcp &&").ok]).toEqual([term, true]);
  expect(targets.map(({ capture }) => capture)).toEqual([
    null,
    null,
    null,
    "tcp",
    "src host 192.0.2.1",
    "dst host 2001:db8::2",
    null,
    "tcp and host 192.0.2.1 and host 2001:db8::2 and port 40000 and port 443",
  ]);
  expect(flowTarget(flow, "bytes")).toMatchObject({ text: "300", term: null, capture: null });
});

test("tagged packets are asked for by their tag, what is in a tunnel not at all", () => {
  expect(flowTarget({ ...flow, vlan: 7 }, "source").capture).toBe("vlan 7 and src host 192.0.2.1");
  expect(flowTarget({ ...flow, tunnel: "vxlan", tunnelId: 9 }, "source").capture).toBeNull();
});

test("what a group has in common, also that it has none", () => {
  expect(groupTarget("peer", "192.0.2.1")).toMatchObject({ term: "ip.addr == 192.0.2.1", capture: "host 192.0.2.1" });
  expect(groupTarget("dstport", "443")).toMatchObject({ heading: "Destination port 443", capture: "dst port 443" });
  expect(groupTarget("tunnel.type", "geneve").capture).toBe("udp port 6081");
  expect(groupTarget("vlan.id", null)).toMatchObject({ heading: "VLAN none", term: "!vlan.id", capture: null });
});
