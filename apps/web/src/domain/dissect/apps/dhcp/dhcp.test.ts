import { describe, expect, test } from "vitest";
import { fuzzDissector } from "../../../../../../../test/support/fuzz-dissector.ts";
import { concat, dissectPayload, fromHex, fromText, number, valuesOf } from "../testing/payload.ts";
import { dhcp } from "./dhcp.ts";

const MAC = fromHex("020000000001");
const option = (code: number, value: Uint8Array): Uint8Array => concat(number(code, 1), number(value.length, 1), value);
const header = (names = new Uint8Array(192)): Uint8Array =>
  concat(fromHex("01010600 00003d1d 0000 8000"), new Uint8Array(16), MAC, new Uint8Array(10), names);
const COOKIE = fromHex("63825363");
const END = fromHex("ff");

const discover = concat(
  header(),
  COOKIE,
  option(53, number(1, 1)),
  option(61, concat(number(1, 1), MAC)),
  option(12, fromText("host")),
  option(50, fromHex("c0000205")),
  option(55, fromHex("01 03 06")),
  option(81, concat(fromHex("05 00 00"), fromHex("01 61 03 6f7267 00"))),
  option(82, concat(option(1, fromText("eth0")), option(5, fromHex("c0000200")))),
  option(121, fromHex("18 c00002 c0000201 00 c0000201")),
  option(119, fromHex("01 61 03 6f7267 00 01 62 c002")),
  option(77, fromHex("02 6162")),
  option(51, number(3600, 4)),
  END,
  new Uint8Array(7),
);

describe("DHCP", () => {
  test("header and options by type", () => {
    const dissection = dissectPayload(dhcp, discover);
    expect(dissection.layers[0]?.problem).toBeNull();
    expect([dissection.protocol, dissection.info]).toEqual(["DHCP", "DHCP Discover - Transaction ID 0x3d1d"]);
    expect(valuesOf(dissection, "dhcp.option.type")).toEqual([53, 61, 12, 50, 55, 81, 82, 121, 119, 77, 51, 0]);
    expect(valuesOf(dissection, "dhcp.hw.mac_addr")).toEqual([MAC, MAC]);
    expect(valuesOf(dissection, "dhcp.option.hostname")).toEqual(["host"]);
    expect(valuesOf(dissection, "dhcp.option.request_list_item")).toEqual([1, 3, 6]);
    expect(valuesOf(dissection, "dhcp.fqdn.name")).toEqual(["a.org"]);
    expect(valuesOf(dissection, "dhcp.option.agent_information_option.agent_circuit_id")).toEqual([fromText("eth0")]);
    expect(valuesOf(dissection, "dhcp.option.classless_static_route")).toHaveLength(2);
    expect(valuesOf(dissection, "dhcp.option.dhcp_dns_domain_search_list_fqdn")).toEqual(["a.org", "b.org"]);
    expect(valuesOf(dissection, "dhcp.option.user_class.data")).toEqual([fromText("ab")]);
    expect(valuesOf(dissection, "dhcp.option.ip_address_lease_time")).toEqual([3600]);
    expect(valuesOf(dissection, "dhcp.option.padding")).toEqual([new Uint8Array(7)]);
  });

  test("options in the fields of names, where the overload option says so", () => {
    const names = new Uint8Array(192);
    names.set(concat(option(15, fromText("a.org")), END), 64);
    const dissection = dissectPayload(dhcp, concat(header(names), COOKIE, option(53, number(5, 1)), option(52, number(1, 1)), END));
    expect(valuesOf(dissection, "dhcp.option.domain_name")).toEqual(["a.org"]);
    expect(valuesOf(dissection, "dhcp.file")).toEqual([]);
    expect(valuesOf(dissection, "dhcp.server")).toEqual([""]);
  });

  test("without options it is BOOTP", () => {
    const dissection = dissectPayload(dhcp, concat(header(), new Uint8Array(64)));
    expect([dissection.protocol, dissection.info]).toEqual(["BOOTP", "Boot request from 02:00:00:00:00:01"]);
    expect(valuesOf(dissection, "dhcp.bootp")).toEqual([1]);
  });

  test("nothing is thrown, and no range lies outside", () => {
    expect(fuzzDissector(dhcp, [discover])).toEqual([]);
  });
});
