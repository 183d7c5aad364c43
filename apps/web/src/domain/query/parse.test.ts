import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildParserFile } from "@lezer/generator";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldNames, fieldOf } from "./fields.ts";
import { MAX_DEPTH, MAX_QUERY_LENGTH, MAX_TERMS } from "./limits.ts";
import { parseQuery } from "./parse.ts";
import { printQuery } from "./print.ts";
import { someQuery } from "./testQueries.ts";
import type { Query } from "./types.ts";

const seed = Number(process.env["SONDE_SEED"] ?? Date.now() % 2 ** 31);

function parse(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message} at ${parsed.error.position}`);
  return parsed.query;
}
const print = (text: string): string => printQuery(parse(text));
/** What is wrong, and the part of the text that it is said of. */
function refusal(text: string): [message: string, part: string] {
  const parsed = parseQuery(text);
  if (parsed.ok) throw new Error(`${text} was taken`);
  const { message, position, length } = parsed.error;
  return [message, text.slice(position, position + length)];
}

it("the parser is the one that the grammar makes", () => {
  const file = (name: string): string => readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
  const { parser } = buildParserFile(file("filter.grammar"), { typeScript: true, includeNames: false });
  expect(file("filter.parser.ts").trim()).toBe(parser.trim());
});

describe("a filter", () => {
  it.each([
    [
      'ip.addr == 10.0.0.0/8 && tcp.dstport == 443 && host.label.env == "prod"',
      'ip.addr == 10.0.0.0/8 && tcp.dstport == 443 && host.label.env == "prod"',
    ],
    ["", ""],
    [" \n\t", ""],
    ["tcp and not udp or ipv6", "tcp && !udp || ipv6"],
    ["tcp && (udp || ipv6)", "tcp && (udp || ipv6)"],
    ["((tcp))", "tcp"],
    ["tcp && (udp && sctp)", "tcp && udp && sctp"],
    ["!(tcp.port eq 443)", "!(tcp.port == 443)"],
    ["not not tcp", "!!tcp"],
    ["tcp.port ne 1 && tcp.port lt 2 && tcp.port le 3", "tcp.port != 1 && tcp.port < 2 && tcp.port <= 3"],
    ["tcp.port gt 1 && tcp.port ge 2", "tcp.port > 1 && tcp.port >= 2"],
    ["tcp.port==0x1bb", "tcp.port == 443"],
    ["tcp.port in {80,443,8000..8080, 1 .. 2}", "tcp.port in {80, 443, 8000..8080, 1..2}"],
    ["ip.addr in {10.0.0.1..10.0.0.9 , 2001:DB8::/32}", "ip.addr in {10.0.0.1..10.0.0.9, 2001:db8::/32}"],
    ["ip.src == 10.1.2.3/8", "ip.src == 10.0.0.0/8"],
    ["ip.src == ::ffff:192.0.2.1 || ip.src == 2001:0db8:0:0:0:0:0:1", "ip.src == ::ffff:192.0.2.1 || ip.src == 2001:db8::1"],
    ["direction == in && verdict == drop", "direction == in && verdict == drop"],
    ["ip.proto == 6 || ip.proto == UDP || ip.proto == 200", "ip.proto == tcp || ip.proto == udp || ip.proto == 200"],
    ["flow.bytes > 1.5M && flow.packets < 10k", "flow.bytes > 1500000 && flow.packets < 10000"],
    ["flow.duration >= 1.5s && flow.duration < 2m", "flow.duration >= 1500ms && flow.duration < 120000ms"],
    ["flow.end_reason in {idle, resources}", "flow.end_reason in {idle, resources}"],
    ["tcp.flags.syn && tcp.flags.ack == false", "tcp.flags.syn && tcp.flags.ack == 0"],
    ["tcp.flags == 0x02", "tcp.flags == 2"],
    ["vlan.id && tunnel.type == vxlan && vlan", "vlan.id && tunnel.type == vxlan && vlan"],
    ["host.name == web-1.example && host.name contains web", 'host.name == "web-1.example" && host.name contains "web"'],
    ['interface == "a \\"b\\" \\\\ c"', 'interface == "a \\"b\\" \\\\ c"'],
    ["malformed == bad_ihl || malformed == inner_short_tcp", "malformed == bad_ihl || malformed == inner_short_tcp"],
    ["source.address == 10.0.0.1 && network.transport == tcp", "ip.src == 10.0.0.1 && ip.proto == tcp"],
    ["tcp.flags.reset && ipv6.nxt == icmpv6", "tcp.flags.rst && ip.proto == icmpv6"],
    ["host.label.team.role == edge/eu:1", 'host.label.team.role == "edge/eu:1"'],
  ])("%s", (text, canonical) => {
    expect(print(text)).toBe(canonical);
    expect(parse(canonical)).toEqual(parse(text));
  });

  it("has every field in the table, with a line about it", () => {
    for (const name of fieldNames) {
      expect(parse(name)).toEqual({ type: "present", field: name });
      expect(fieldOf(name).doc).not.toBe("");
    }
  });

  it("and binds more than or, and both are flat", () => {
    expect(parse("tcp or udp and sctp or ip")).toMatchObject({
      type: "or",
      of: [{ field: "tcp" }, { type: "and", of: [{ field: "udp" }, { field: "sctp" }] }, { field: "ip" }],
    });
  });
});

describe("an error says what was expected, and where", () => {
  it.each([
    ["tcp.port == 70000", "tcp.port expects a number from 0 to 65535", "70000"],
    ["tcp.port == http", "tcp.port expects a number from 0 to 65535", "http"],
    ["tcp.port == 1.5k", "tcp.port expects a number from 0 to 65535", "1.5k"],
    ["ip.proto == tcpp", "ip.proto expects a number from 0 to 255, or a name like icmp, igmp or ipip", "tcpp"],
    ["ip.src == 10.0.0.256", "ip.src expects an address or network, like 10.0.0.0/8 or 2001:db8::1", "10.0.0.256"],
    ["ip.src == 010.0.0.1", "ip.src expects an address or network, like 10.0.0.0/8 or 2001:db8::1", "010.0.0.1"],
    ["ip.src == 1:2:3", "ip.src expects an address or network, like 10.0.0.0/8 or 2001:db8::1", "1:2:3"],
    ["ip.src == 10.0.0.0/33", "ip.src expects an address or network, like 10.0.0.0/8 or 2001:db8::1", "10.0.0.0/33"],
    ["ipv6.dst == 10.0.0.1", "ipv6.dst expects an IPv6 address or network, like 2001:db8::/32", "10.0.0.1"],
    ["direction == sideways", "direction expects in or out", "sideways"],
    ["direction < in", "direction has no order: it takes == and !=", "direction < in"],
    ["tunnel.type in {vxlan..gre}", "tunnel.type has no order: it takes no ranges", "vxlan..gre"],
    ["tcp.flags.syn == 2", "tcp.flags.syn expects 1 or 0", "2"],
    ["flow.duration > 10", "flow.duration expects a time of whole milliseconds, like 500ms, 10s, 5m or 1h", "10"],
    ["flow.bytes > 1.5", "flow.bytes expects a whole number, like 1500, 10k or 2M", "1.5"],
    ["flow.bytes > 99999999999T", "flow.bytes expects a whole number, like 1500, 10k or 2M", "99999999999T"],
    ["tcp == 1", "tcp expects no value: it is there or not", "1"],
    ["ip.src > 10.0.0.0/8", "a network has no order: == asks whether an address is in it", "ip.src > 10.0.0.0/8"],
    ["ip.src in {10.0.0.1..::1}", "a range goes from one address to another of the same family", "10.0.0.1..::1"],
    ["port in {5..1}", "the range ends before it begins", "5..1"],
    ["tcp.port contains 4", "tcp.port is no text: contains does not apply", "tcp.port contains 4"],
    ["tcp.dport == 1", "there is no field tcp.dport; did you mean tcp.port?", "tcp.dport"],
    ["x == 1", "there is no field x", "x"],
    ["toString == 1", "there is no field toString", "toString"],
    ["host.label.Env == a", /^a label's key begins with a lower-case letter/, "host.label.Env"],
    ['host.name == "a\u0000b"', /^host\.name expects text/, '"a\u0000b"'],
    ["tcp.port ==", "expected a value after ==", ""],
    ["tcp.port == && udp", "expected a value after ==", "&&"],
    ["tcp.port = 3", "expected an operator: equality is ==", "="],
    ["tcp & udp", "expected && or ||", "&"],
    ["tcp udp", /^expected an operator/, "udp"],
    ["tcp.port == 1 udp", "expected && or ||", "udp"],
    ["&& tcp", "a filter begins with a field, ! or (", "&&"],
    ["tcp &&", "expected a field, ! or (", ""],
    ["(tcp", "a parenthesis is not closed", ""],
    ["(tcp.port == 1 2", "expected && or || or )", "2"],
    ["tcp)", "this ) closes nothing", ")"],
    ["tcp.port in 80", "expected a set: {value, value}", "80"],
    ["tcp.port in {}", "expected a value of the set", "}"],
    ["tcp.port in {1, 2", "the set has no closing }", ""],
    ["tcp.port in {1 2}", "expected , or .. or }", "2"],
    ['host.name == "abc', 'the text has no closing "', '"abc'],
    ["host.name == 'abc'", 'text stands in double quotes: "…"', "'"],
    ['host.name matches "a+"', "there is no matches: contains asks for a part of a text", 'host.name matches "a+"'],
    ["tcp.port == #", "expected a value after ==", "#"],
  ])("%s", (text, message, part) => {
    const [said, of] = refusal(text);
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(of).toBe(part);
  });

  it("of one that is too long, too wide or too deep", () => {
    expect(refusal("tcp".padEnd(MAX_QUERY_LENGTH + 2))).toEqual(["a filter has at most 4096 characters; this one has 4098", "  "]);
    expect(parseQuery("tcp".padEnd(MAX_QUERY_LENGTH)).ok).toBe(true);
    const terms = (count: number): string => Array(count).fill("tcp").join(" || ");
    expect(parseQuery(terms(MAX_TERMS)).ok).toBe(true);
    expect(refusal(terms(MAX_TERMS + 1))).toEqual(["a filter has at most 256 terms", "tcp"]);
    const ports = (count: number): string => `port in {${Array.from({ length: count }, (_, i) => i).join()}}`;
    expect(parseQuery(ports(MAX_TERMS)).ok).toBe(true);
    expect(refusal(ports(MAX_TERMS + 1))).toEqual(["a filter has at most 256 terms", "256"]);
    const deep = (open: string, close: string, count: number): string => `${open.repeat(count)}tcp${close.repeat(count)}`;
    expect(parseQuery(deep("(", ")", MAX_DEPTH)).ok).toBe(true);
    expect(parseQuery(Array(MAX_TERMS).fill("!tcp").join(" && ")).ok).toBe(true);
    expect(parseQuery(`host.name == "${"(".repeat(100)}"`).ok).toBe(true);
    for (const text of [
      deep("(", ")", MAX_DEPTH + 1),
      deep("!", "", MAX_DEPTH + 1),
      deep("not ", "", 900),
      deep("!", "", 4000),
      deep("(", ")", 2000),
      deep("!(", ")", 17),
    ])
      expect(refusal(text)[0]).toBe("at most 32 parentheses and negations inside each other");
  });
});

describe(`by chance (SONDE_SEED=${seed})`, () => {
  it("what is printed is parsed to the same query", () => {
    fc.assert(
      fc.property(someQuery, (query) => {
        const text = printQuery(query);
        if (text.length > MAX_QUERY_LENGTH) return;
        expect(parse(text)).toEqual(query);
        expect(print(text)).toBe(text);
      }),
      { seed, numRuns: 2000 },
    );
  });

  const words = [
    "ip.addr",
    "tcp",
    "host.name",
    "==",
    "!=",
    "in",
    "{",
    "}",
    "(",
    ")",
    ",",
    "..",
    "&&",
    "or",
    "!",
    "10.0.0.0/8",
    "443",
    '"',
    "\\",
  ];
  const soup = fc
    .array(fc.constantFrom(...words, " ", "é", "\ud83d\ude00", "=", "&", "\n"), { maxLength: 30 })
    .map((parts) => parts.join(" "));
  /** A sound one with a piece cut out or put in. */
  const broken = fc.tuple(someQuery, fc.nat(), fc.nat(8), fc.string({ unit: "binary", maxLength: 4 })).map(([query, at, length, more]) => {
    const text = printQuery(query);
    const from = text === "" ? 0 : at % text.length;
    return text.slice(0, from) + more + text.slice(from + length);
  });
  it.each([
    ["any text", fc.string({ unit: "binary", maxLength: 200 })],
    ["words of the language", soup],
    ["a filter with an error", broken],
  ])("%s is parsed or refused within its bounds", (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseQuery(text);
        if (parsed.ok) {
          expect(parse(printQuery(parsed.query))).toEqual(parsed.query);
          return;
        }
        const { message, position, length } = parsed.error;
        expect(message).not.toBe("");
        expect(position).toBeGreaterThanOrEqual(0);
        expect(length).toBeGreaterThanOrEqual(0);
        expect(position + length).toBeLessThanOrEqual(text.length);
      }),
      { seed, numRuns: 2000 },
    );
  });
});
