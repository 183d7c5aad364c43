import { describe, expect, test } from "vitest";
import { fuzzDissector } from "../../../../../../../test/support/fuzz-dissector.ts";
import { concat, dissectPayload, fromHex, fromText, number, valuesOf } from "../testing/payload.ts";
import { dns, dnsOverTcp, llmnr, looksLikeDns, mdns } from "./dns.ts";

const name = (text: string): Uint8Array =>
  concat(...text.split(".").map((label) => concat(number(label.length, 1), fromText(label))), number(0, 1));
const head = (flags: number, counts: readonly [number, number, number, number]): Uint8Array =>
  concat(number(0x1a2b, 2), number(flags, 2), ...counts.map((count) => number(count, 2)));
const question = (of: Uint8Array, type: number, kind = 1): Uint8Array => concat(of, number(type, 2), number(kind, 2));
const record = (of: Uint8Array, type: number, rdata: Uint8Array, kind = 1): Uint8Array =>
  concat(of, number(type, 2), number(kind, 2), number(3600, 4), number(rdata.length, 2), rdata);
/** Behind the head, where the first name stands. */
const FIRST_NAME = fromHex("c00c");

const query = concat(head(0x0100, [1, 0, 0, 0]), question(name("www.example.org"), 1));
const answer = concat(
  head(0x8180, [1, 2, 1, 1]),
  question(name("www.example.org"), 1),
  record(FIRST_NAME, 5, concat(fromHex("01 61"), fromHex("c010"))),
  record(fromHex("c010"), 1, fromHex("c0000201")),
  record(fromHex("c010"), 6, concat(name("ns.example.org"), name("root.example.org"), ...[1, 2, 3, 4, 5].map((value) => number(value, 4)))),
  concat(fromHex("00 0029 1000 00 00 8000 000c"), fromHex("000a 0008 0102030405060708")),
);
const many = concat(
  head(0x8400, [0, 8, 0, 0]),
  record(name("a.org"), 15, concat(number(10, 2), name("mx.a.org"))),
  record(FIRST_NAME, 16, concat(number(5, 1), fromText("hello"), number(0, 1))),
  record(name("_ldap._tcp.a.org"), 33, concat(number(1, 2), number(2, 2), number(389, 2), FIRST_NAME)),
  record(FIRST_NAME, 257, concat(number(128, 1), number(5, 1), fromText("issueca.org"))),
  record(FIRST_NAME, 65, concat(number(1, 2), number(0, 1), fromHex("0001 0006 02 6832 02 6833"), fromHex("0004 0004 c0000201"))),
  record(FIRST_NAME, 47, concat(FIRST_NAME, fromHex("00 01 40"))),
  record(FIRST_NAME, 43, fromHex("1234 08 02 aabb")),
  record(FIRST_NAME, 28, fromHex("20010db8000000000000000000000001")),
);

describe("DNS", () => {
  test("a query: flags, name, type, class; the list's line", () => {
    const dissection = dissectPayload(dns, query);
    expect(dissection.info).toBe("Standard query 0x1a2b A www.example.org");
    expect(valuesOf(dissection, "dns.flags.recdesired")).toEqual([1]);
    expect(valuesOf(dissection, "dns.qry.name")).toEqual(["www.example.org"]);
    expect(valuesOf(dissection, "dns.qry.name.len")).toEqual([15]);
    expect(valuesOf(dissection, "dns.count.labels")).toEqual([3]);
    expect(dissection.layers[0]?.problem).toBeNull();
  });

  test("an answer: compressed names, addresses, SOA, EDNS with a cookie", () => {
    const dissection = dissectPayload(dns, answer);
    expect(dissection.info).toBe("Standard query response 0x1a2b A www.example.org CNAME a.example.org A 192.0.2.1 SOA ns.example.org OPT");
    expect(valuesOf(dissection, "dns.resp.name")).toEqual(["www.example.org", "example.org", "example.org", "<Root>"]);
    expect(valuesOf(dissection, "dns.a")).toEqual([fromHex("c0000201")]);
    expect(valuesOf(dissection, "dns.soa.serial_number")).toEqual([1]);
    expect(valuesOf(dissection, "dns.resp.z.do")).toEqual([1]);
    expect(valuesOf(dissection, "dns.opt.cookie.client")).toEqual([fromHex("0102030405060708")]);
  });

  test("MX, TXT, SRV, CAA, HTTPS, NSEC, DS, AAAA", () => {
    const dissection = dissectPayload(dns, many);
    expect(dissection.layers[0]?.problem).toBeNull();
    expect(valuesOf(dissection, "dns.mx.mail_exchange")).toEqual(["mx.a.org"]);
    expect(valuesOf(dissection, "dns.txt")).toEqual(["hello", ""]);
    expect(valuesOf(dissection, "dns.srv.service")).toEqual(["_ldap"]);
    expect(valuesOf(dissection, "dns.srv.name")).toEqual(["a.org"]);
    expect(valuesOf(dissection, "dns.caa.issue")).toEqual(["ca.org"]);
    expect(valuesOf(dissection, "dns.svcb.svcparam.alpn")).toEqual(["h2", "h3"]);
    expect(valuesOf(dissection, "dns.resp.type")).toEqual([15, 16, 33, 257, 65, 47, 1, 43, 28]);
    expect(valuesOf(dissection, "dns.ds.digest")).toEqual([fromHex("aabb")]);
  });

  test("several messages of one TCP segment, the last going on in another", () => {
    const dissection = dissectPayload(dnsOverTcp, concat(number(query.length, 2), query, number(500, 2), query));
    expect(valuesOf(dissection, "dns.length")).toEqual([query.length, 500]);
    expect(valuesOf(dissection, "dns.id")).toEqual([0x1a2b, 0x1a2b]);
  });

  test("mDNS splits the top bit off the class; LLMNR has flags of its own", () => {
    const asked = dissectPayload(
      mdns,
      concat(head(0, [1, 1, 0, 0]), question(name("a.local"), 12, 0x8001), record(FIRST_NAME, 1, fromHex("01020304"), 0x8001)),
    );
    expect(valuesOf(asked, "dns.qry.qu")).toEqual([1]);
    expect(valuesOf(asked, "dns.qry.class")).toEqual([1]);
    expect(valuesOf(asked, "dns.resp.cache_flush")).toEqual([1]);
    expect(asked.info).toBe('Standard query 0x1a2b PTR a.local, "QU" question A, cache flush 1.2.3.4');
    expect(valuesOf(dissectPayload(llmnr, query), "dns.flags.tentative")).toEqual([1]);
  });

  test("a pointer to itself, and names too long, end the layer", () => {
    expect(dissectPayload(dns, concat(head(0, [1, 0, 0, 0]), question(FIRST_NAME, 1))).layers[0]?.problem).toBe("malformed");
    const long = name(Array.from({ length: 60 }, () => "abcdef").join("."));
    expect(dissectPayload(dns, concat(head(0, [1, 0, 0, 0]), question(long, 1))).layers[0]?.problem).toBe("malformed");
    expect(dissectPayload(dns, query.subarray(0, 20), query.length).layers[0]?.problem).toBe("cut");
  });

  test("names are read for as many bytes as a message can have, however often they point at each other", () => {
    const long = name(Array.from({ length: 4 }, () => "a".repeat(60)).join("."));
    const pointing = Array.from({ length: 900 }, () => question(FIRST_NAME, 1));
    const dissection = dissectPayload(dns, concat(head(0, [901, 0, 0, 0]), question(long, 1), ...pointing));
    expect(dissection.layers[0]?.problem).toBe("malformed");
    expect(valuesOf(dissection, "dns.qry.name")).toHaveLength(Math.floor(32_768 / 245));
  });

  test("is told from other payloads by what it begins with", () => {
    expect(looksLikeDns(query, 0, query.length)).toBe(true);
    expect(looksLikeDns(answer, 0, answer.length)).toBe(true);
    expect(looksLikeDns(new Uint8Array(64), 0, 64)).toBe(false);
    const netbios = concat(head(0x0110, [1, 0, 0, 0]), question(name("ENFEFDFAFCDADADDDBCACACACACACAAA"), 32));
    expect(looksLikeDns(netbios, 0, netbios.length)).toBe(false);
  });

  test("nothing is thrown, and no range lies outside", () => {
    expect(fuzzDissector(dns, [query, answer, many])).toEqual([]);
    expect(fuzzDissector(dnsOverTcp, [concat(number(answer.length, 2), answer, number(query.length, 2), query)])).toEqual([]);
    expect(fuzzDissector(mdns, [query, many])).toEqual([]);
  });
});
