import { networkInterfaces } from "node:os";
import type { NetInterface } from "@sonde/bpf";
import { expect, it } from "vitest";
import { withAddresses } from "./addresses.ts";

const device = (name: string): NetInterface => ({ ifindex: 1, name, kind: "ethernet", mac: null, mtu: 1500, up: true });
const v4 = (address: string) => ({ address, family: "IPv4" as const, netmask: "", mac: "", internal: false, cidr: null });
const v6 = (address: string) => ({ address, family: "IPv6" as const, netmask: "", mac: "", internal: false, cidr: null, scopeid: 0 });

it("gives each device its own, also those under a label", () => {
  const found = { eth0: [v4("192.0.2.1"), v6("2001:db8::1")], "eth0:1": [v4("192.0.2.2"), v4("192.0.2.1")], eth1: undefined };
  const list = withAddresses([device("eth0"), device("eth1"), device("gone")], found);
  expect(list.map((one) => one.addresses)).toEqual([["192.0.2.1", "2001:db8::1", "192.0.2.2"], [], []]);
});

it("at most 64 of one device", () => {
  const found = { eth0: Array.from({ length: 100 }, (_, i) => v4(`192.0.2.${i}`)) };
  expect(withAddresses([device("eth0")], found)[0]?.addresses).toHaveLength(64);
});

it("knows this machine's loopback", () => {
  const name = Object.entries(networkInterfaces()).find(([, infos]) => infos?.some(({ internal }) => internal))?.[0] ?? "lo";
  expect(withAddresses([device(name)])[0]?.addresses).toContain("127.0.0.1");
});
