import { expect, it } from "vitest";
import { toEndpoint } from "./endpoints.ts";

const bytesOf = (address: string): string => Buffer.from(toEndpoint({ address, port: 1 })?.address ?? []).toString("hex");

it("writes addresses in network order, IPv4 in the first four bytes", () => {
  expect(bytesOf("192.0.2.7")).toBe("c0000207".padEnd(32, "0"));
  expect(bytesOf("::ffff:192.0.2.7")).toBe("c0000207".padEnd(32, "0"));
  expect(bytesOf("::1")).toBe("1".padStart(32, "0"));
  expect(bytesOf("2001:db8::a:1")).toBe("20010db80000000000000000000a0001");
  expect(bytesOf("fe80::1%eth0")).toBe("fe800000000000000000000000000001");
  expect(bytesOf("1:2:3:4:5:6:7::")).toBe("00010002000300040005000600070000");
});

it("leaves out what is no address", () => {
  expect(toEndpoint({ address: "hub.example", port: 1 })).toBeNull();
  expect(toEndpoint({ address: "1.2.3.4.5", port: 1 })).toBeNull();
});
