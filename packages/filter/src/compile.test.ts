import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { LinkType, MAX_EXPRESSION_BYTES, compileFilter } from "./compile.ts";
import { disassemble } from "./disassemble.ts";
import { verifyClassic } from "./verify.ts";

/** The place a refusal points at, marked in the expression itself. */
async function marked(expression: string): Promise<string> {
  const compiled = await compileFilter(expression, LinkType.ethernet);
  if (compiled.ok) return "compiled";
  const { position, length } = compiled.fault;
  return `${expression.slice(0, position)}[${expression.slice(position, position + length)}]${expression.slice(position + length)}`;
}

describe("compileFilter", () => {
  test.each([
    "tcp port 443",
    "ip6 host ::1",
    "vlan 100 and udp",
    "tcp[tcpflags] & tcp-syn != 0",
    "inbound",
    "",
    "port http",
    "icmp[icmptype] = icmp-echo",
  ])("compiles %j to what tcpdump compiles, and it verifies", async (expression) => {
    const compiled = await compileFilter(expression, LinkType.ethernet);
    if (!compiled.ok) throw new Error(compiled.fault.message);
    expect(verifyClassic(compiled.program)).toBeNull();
    const theirs = execFileSync("tcpdump", ["-y", "EN10MB", "-s", "262144", "-dd", expression], { encoding: "utf8" });
    const parsed = [...theirs.matchAll(/\{ 0x([0-9a-f]+), (\d+), (\d+), 0x([0-9a-f]+) \}/g)].map(([, code, jt, jf, k]) => ({
      code: Number.parseInt(code ?? "", 16),
      jt: Number(jt),
      jf: Number(jf),
      k: Number.parseInt(k ?? "", 16),
    }));
    expect(compiled.program).toEqual(parsed);
  });

  test("compiles for devices without a link header", async () => {
    const compiled = await compileFilter("udp", LinkType.raw);
    if (!compiled.ok) throw new Error(compiled.fault.message);
    expect(disassemble(compiled.program)[0]).toBe("(000) ldb [0]");
  });

  test.each([
    ["host www.example.com", "host [www.example.com]"],
    ["tcp prot 443", "tcp [prot] 443"],
    ["port", "port[]"],
    ["tcp and (udp or", "tcp and (udp or[]"],
    ["ip and and tcp", "ip and [and] tcp"],
    ["tcp )", "tcp [)]"],
    ["tcp[0", "tcp[0[]"],
    ["port 99999", "port [99999]"],
    ["tcp and ((udp[2:2] > 5 or port 7) and", "tcp and ((udp[2:2] > 5 or port 7) and[]"],
    ["(tcp port 80 or (udp and port 53)) and host 10.0.0.300", "(tcp port 80 or (udp and port 53)) and host [10.0.0.300]"],
    ["port 80 or net nowhere", "port 80 or net [nowhere]"],
    ["tcp and udp", "tcp and [udp]"],
    ["port 1 or ünd", "port 1 or [ü]nd"],
  ])("%j is refused at its place", async (expression, place) => {
    expect(await marked(expression)).toBe(place);
  });

  test("a compiler that cannot be run is not the expression's fault", async () => {
    await expect(compileFilter("tcp", LinkType.ethernet, { compiler: ["/nonexistent"] })).rejects.toThrow(
      "cannot run the filter compiler /nonexistent",
    );
    const missingLibrary = ["sh", "-c", "echo libpcap.so.0.8: cannot open >&2; exit 127"];
    await expect(compileFilter("tcp", LinkType.ethernet, { compiler: missingLibrary })).rejects.toThrow("libpcap.so.0.8: cannot open");
  });

  test("an expression in quotes, of many lines, or with a zero byte is judged as libpcap would", async () => {
    expect(await compileFilter("tcp\n and\tport 443", LinkType.ethernet)).toMatchObject({ ok: true });
    expect(await compileFilter("tcp\0udp", LinkType.ethernet)).toMatchObject({
      ok: false,
      fault: { message: "contains a zero byte", position: 3 },
    });
  });

  test("a name is refused before a resolver could be asked", async () => {
    const compiled = await compileFilter("host www.example.com", LinkType.ethernet);
    expect(compiled).toMatchObject({ ok: false, fault: { message: expect.stringContaining("names are not resolved") } });
  });

  test("an expression that is too long, or takes too long, is refused", async () => {
    const hosts = Array.from({ length: 2_000 }, (_, i) => `host 10.1.${i >> 8}.${i & 255}`).join(" or ");
    expect(await compileFilter(hosts, LinkType.ethernet)).toMatchObject({ ok: false, fault: { message: "longer than 8192 bytes" } });
    const slow = hosts.slice(0, hosts.lastIndexOf(" or ", MAX_EXPRESSION_BYTES));
    const refused = await compileFilter(slow, LinkType.ethernet, { timeoutMs: 50 });
    expect(refused).toMatchObject({ ok: false, fault: { message: "takes more than 0.05 s to compile" } });
  });
});
