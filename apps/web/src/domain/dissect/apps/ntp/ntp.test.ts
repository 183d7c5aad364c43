import { describe, expect, test } from "vitest";
import { fuzzDissector } from "../../../../../../../test/support/fuzz-dissector.ts";
import { concat, dissectPayload, fromHex, fromText, number, valuesOf } from "../testing/payload.ts";
import { ntp } from "./ntp.ts";

/** 1 January 2024, half a second past midnight. */
const STAMP = concat(number(3_913_056_000, 4), number(0x8000_0000, 4));
const server = concat(fromHex("24 02 06 ec 00000100 00000200 c0000201"), STAMP, new Uint8Array(8), STAMP, STAMP);
const extended = concat(server, fromHex("0104 0010"), new Uint8Array(12), number(7, 4), new Uint8Array(20));
const status = concat(fromHex("16 81 0001 0615 0000 0000 0008"), fromHex("1234 961a 1235 141a"));
const variables = concat(fromHex("16 82 0002 961a 1234 0000 000a"), fromText("stratum=2\r"));
const monlist = fromHex("17 00 03 2a 00000000");

describe("NTP", () => {
  test("a server's time: nanoseconds since 1970, null where not known", () => {
    const dissection = dissectPayload(ntp, server);
    expect([dissection.protocol, dissection.info]).toEqual(["NTP", "NTP version 4, server"]);
    expect(valuesOf(dissection, "ntp.stratum")).toEqual([2]);
    expect(valuesOf(dissection, "ntp.xmt")).toEqual([1_704_067_200_500_000_000n]);
    expect(valuesOf(dissection, "ntp.org")).toEqual([null]);
  });

  test("extensions, key and digest", () => {
    const dissection = dissectPayload(ntp, extended);
    expect(valuesOf(dissection, "ntp.ext.type")).toEqual([0x104]);
    expect(valuesOf(dissection, "ntp.keyid")).toEqual([number(7, 4)]);
    expect(valuesOf(dissection, "ntp.mac")).toEqual([new Uint8Array(20)]);
  });

  test("control: associations with their status, and variables", () => {
    const dissection = dissectPayload(ntp, status);
    expect(dissection.info).toBe("NTP version 2, control, response, read status");
    expect(valuesOf(dissection, "ntp.ctrl.associd")).toEqual([0, 0x1234, 0x1235]);
    expect(valuesOf(dissection, "ntp.ctrl.peer_status.reach")).toEqual([1, 1]);
    expect(valuesOf(dissectPayload(ntp, variables), "ntp.ctrl.text")).toEqual(["stratum=2\\r"]);
  });

  test("private: its head", () => {
    const dissection = dissectPayload(ntp, monlist);
    expect(valuesOf(dissection, "ntp.priv.reqcode")).toEqual([42]);
    expect(dissection.info).toBe("NTP version 2, private, request, code 42");
  });

  test("nothing is thrown, and no range lies outside", () => {
    expect(fuzzDissector(ntp, [server, extended, status, variables, monlist])).toEqual([]);
  });
});
