import { protoClasses, tcpFlagNames } from "@sonde/protocol";
import { expect, test } from "vitest";
import { packetFields } from "../../domain/packets/fields.ts";
import { parseQuery, parseWith } from "../../domain/query/index.ts";
import { classTarget, flagTarget, lengthsTarget, sideTarget } from "./counterTarget.ts";
import { addressTarget, attachedTarget, interfaceTarget, macTarget } from "./interfaceTarget.ts";

const id = "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11";

test("what the tabs of a host say is a filter of the screen of packets, and flows are found by their own", () => {
  const targets = [
    interfaceTarget(id, 'we"ird\\0'),
    addressTarget("192.0.2.1"),
    addressTarget("2001:db8::1"),
    macTarget({ mac: "02:00:5e:10:00:01" }),
    attachedTarget(id, "eth0 egress"),
    ...protoClasses.map(classTarget),
    ...tcpFlagNames.map(flagTarget),
    sideTarget("rx"),
    lengthsTarget(0, 64),
    lengthsTarget(64, 128),
    lengthsTarget(65_536, null),
  ];
  for (const { term } of targets) expect([term, parseWith(term ?? "tcp &&", packetFields).ok]).toEqual([term, true]);
  for (const { href } of targets.flatMap(({ links }) => links ?? [])) {
    const filter = new URLSearchParams(href.replace("/flows?", "")).get("filter") ?? "tcp &&";
    expect([filter, parseQuery(filter).ok]).toEqual([filter, true]);
  }
});

test("tcpdump is asked for the same, where its language can", () => {
  const captures = [macTarget({ mac: "02:00:5e:10:00:01" }), classTarget("ip6_other"), flagTarget("syn"), lengthsTarget(64, 128)];
  expect(captures.map(({ capture }) => capture)).toEqual([
    "ether host 02:00:5e:10:00:01",
    "ip6 and not (tcp or udp or icmp6)",
    "tcp[13] & 0x2 != 0",
    "len >= 64 and len <= 127",
  ]);
  expect([lengthsTarget(0, 64), lengthsTarget(4096, null)].map(({ capture }) => capture)).toEqual(["len <= 63", "len >= 4096"]);
});

test("what is no value of a filter is only copied", () => {
  for (const target of [macTarget({ mac: "80:00:00:48:fe:80:00:00" }), attachedTarget(id, "elsewhere"), lengthsTarget(0, null)])
    expect(target).toMatchObject({ term: null, capture: null });
});
