import { expect, test } from "vitest";
import { canonical, specialOf } from "./special.ts";

const nameOf = (address: string) => specialOf(address)?.name ?? null;

test.each([
  ["10.1.2.3", "private"],
  ["172.15.255.255", null],
  ["172.16.0.0", "private"],
  ["172.31.255.255", "private"],
  ["172.32.0.0", null],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "carrier's shared space"],
  ["100.128.0.0", null],
  ["127.0.0.53", "loopback"],
  ["169.254.169.254", "link-local"],
  ["0.0.0.0", "unspecified"],
  ["0.1.2.3", "this network"],
  ["192.0.2.1", "documentation"],
  ["192.0.0.9", "Port Control Protocol anycast"],
  ["192.0.0.171", "NAT64 discovery"],
  ["198.19.255.255", "benchmarking"],
  ["224.0.0.251", "multicast: mDNS"],
  ["224.0.0.77", "multicast: this link"],
  ["224.5.5.5", "multicast"],
  ["239.255.255.250", "multicast: SSDP"],
  ["255.255.255.255", "broadcast"],
  ["250.0.0.1", "reserved"],
  ["8.8.8.8", null],
  ["::1", "loopback"],
  ["::", "unspecified"],
  ["fe80::1", "link-local"],
  ["fd00:1::2", "private"],
  ["2001:db8::1", "documentation"],
  ["3fff:0fff::1", "documentation"],
  ["2001::1", "Teredo"],
  ["2001:4860:4860::8888", null],
  ["ff02::1:ff12:3456", "multicast: neighbour solicitation"],
  ["ff02::fb", "multicast: mDNS"],
  ["ff05::1", "multicast"],
  ["::ffff:10.0.0.1", "private"],
])("%s is %s", (address, name) => expect(nameOf(address)).toBe(name));

test("where it is defined, and whether it means something elsewhere", () => {
  expect(specialOf("10.0.0.1")).toEqual({ name: "private", source: "RFC 1918", global: false });
  expect(specialOf("192.31.196.1")).toEqual({ name: "AS112", source: "RFC 7535", global: true });
});

test("one text of an address", () => {
  expect(["2001:DB8:0:0::1", "::ffff:192.0.2.1", "192.0.2.1"].map(canonical)).toEqual(["2001:db8::1", "192.0.2.1", "192.0.2.1"]);
});
