import { expect, test } from "vitest";
import { groupingLabel, groupings, isAddressField, narrowed } from "./flows.ts";
import { parseQuery } from "./query/index.ts";

test("a value of any grouping narrows a filter, and the result is one", () => {
  const values: Record<string, string> = { dstport: "443", "ip.proto": "tcp", "host.name": 'we"b', interface: "eth0", direction: "in" };
  const more: Record<string, string> = { verdict: "drop", "vlan.id": "7", "tunnel.type": "vxlan", "host.label.env": "prod" };
  for (const name of [...groupings.flatMap(({ value }) => value.split(",")), "host.label.env"]) {
    const value = { ...values, ...more }[name] ?? "192.0.2.1";
    const filter = narrowed("tcp.port == 80 || udp", name, value);
    expect(filter).not.toBe("tcp.port == 80 || udp");
    expect(parseQuery(filter).ok).toBe(true);
    expect(filter).toMatch(/^\(.*\) && /);
    if (!["direction", "verdict", "interface", "host.name"].includes(name)) expect(parseQuery(narrowed("", name, null)).ok).toBe(true);
  }
});

test("what cannot be read stays", () => {
  expect(narrowed("tcp &&", "dstport", "443")).toBe("tcp &&");
  expect(narrowed("tcp", "no.field", "1")).toBe("tcp");
});

test("words and kinds", () => {
  expect(["peer", "host.label.env", "tcp.flags"].map(groupingLabel)).toEqual(["Peer", "Label env", "tcp.flags"]);
  expect(["peer", "ip.src", "dstport", "nothing"].map(isAddressField)).toEqual([true, true, false, false]);
});
