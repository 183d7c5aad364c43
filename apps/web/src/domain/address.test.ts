import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endpointText, ipv4Text, ipv6Text, macText } from "./address.ts";

const viewOf = (bytes: readonly number[]): DataView => new DataView(Uint8Array.from(bytes).buffer);
const six = (groups: string): DataView =>
  viewOf(groups.split(":").flatMap((g) => [Number.parseInt(g, 16) >> 8, Number.parseInt(g, 16) & 0xff]));

describe("IPv6 text (RFC 5952)", () => {
  test.each([
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["fe80:0:0:0:0:0:0:0", "fe80::"],
    ["0:0:0:0:0:ffff:c000:201", "::ffff:192.0.2.1"],
  ])("%s is %s", (groups, text) => expect(ipv6Text(six(groups), 0)).toBe(text));

  test("equals the WHATWG serialiser for any address that is not IPv4-mapped", () => {
    const bytes = fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(bytes, (address) => {
        const full = Array.from({ length: 8 }, (_, i) => (((address[i * 2] ?? 0) << 8) | (address[i * 2 + 1] ?? 0)).toString(16)).join(":");
        const text = ipv6Text(viewOf(address), 0);
        if (!text.includes(".")) expect(`[${text}]`).toBe(new URL(`http://[${full}]`).hostname);
      }),
      { numRuns: 2000 },
    );
  });
});

test("other addresses", () => {
  expect(ipv4Text(viewOf([192, 0, 2, 255]), 0)).toBe("192.0.2.255");
  expect(macText(viewOf([0, 1, 0xab, 0xff, 4, 5]), 0)).toBe("00:01:ab:ff:04:05");
  expect(endpointText("::1", 80)).toBe("[::1]:80");
  expect(endpointText("10.0.0.1", 80)).toBe("10.0.0.1:80");
  expect(endpointText("::1", null)).toBe("::1");
});
