import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { interfaceBlock, packetBlock, sectionHeader } from "@sonde/pcapfile";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Packet, bigEndianSection, pcap, readAll } from "../../../packages/pcapfile/test/support/files.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { chooseSeed, seeded } from "../../../test/support/random.ts";
import { agent, bin, micros, numbers, openFolder, somePackets } from "./built.ts";

/* `sonde-agent filter run` and `decode` as processes, held against tcpdump over files of several writers. */

const gate = gated(needs.root, needs.btf, needs.tcpdump, needs.tshark);
const seed = chooseSeed(process.env["SONDE_TEST_SEED"]);
const hooks = ["xdp", "tc"] as const;
const expressions = ["ip6 or arp", "len > 200 and not tcp", "vlan and ip", "ether[100] > 64 or port 53"];

const folder = openFolder();
const packets = somePackets(seeded(seed), 400);
let nanoseconds: string;

/** What tcpdump picks from a file, and which of the file's packets these are, by their times, which all differ. */
function picked(path: string, expression: string): { readonly packets: readonly Packet[]; readonly numbers: readonly number[] } {
  const { status, stdout, stderr } = spawnSync("tcpdump", ["-Z", "root", "--nano", "-r", path, "-w", "-", expression], {
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr.toString());
  const found = readAll(stdout).packets;
  return { packets: found, numbers: found.map(({ nanoseconds: at }) => Math.floor(at / 1000) + 1) };
}

describe.skipIf(gate.skip)(gate.name(`sonde-agent filter run (SONDE_TEST_SEED=${seed})`), () => {
  beforeAll(() => {
    nanoseconds = folder.write("nanoseconds.pcap", pcap(packets, { times: "nanoseconds" }));
  });
  afterAll(() => folder.close());

  describe.each(hooks)("%s", (hook) => {
    test.each(expressions)("numbers and packets of %j are tcpdump's", (expression) => {
      const wanted = picked(nanoseconds, expression);
      expect(wanted.numbers.length).toBeGreaterThan(0);
      const out = folder.path("out.pcap");
      const ended = agent(["filter", "run", "-r", nanoseconds, "--hook", hook, "-w", out, expression]);
      expect({ ...ended, stdout: numbers(ended) }).toEqual({ status: 0, stderr: "", stdout: wanted.numbers });
      expect(readAll(readFileSync(out)).packets).toEqual(wanted.packets);
    });

    test("a pcapng is written that tcpdump reads as the same", () => {
      const out = folder.path("out.pcapng");
      expect(agent(["filter", "run", "-r", nanoseconds, "--hook", hook, "-w", out, "udp"]).status).toBe(0);
      expect(picked(out, "").packets).toEqual(picked(nanoseconds, "udp").packets);
    });
  });

  test.each<[string, () => string]>([
    ["microseconds", () => folder.write("a.pcap", pcap(packets))],
    ["big-endian microseconds", () => folder.write("b.pcap", pcap(packets, { little: false }))],
    ["big-endian nanoseconds", () => folder.write("c.pcap", pcap(packets, { little: false, times: "nanoseconds" }))],
    ["big-endian pcapng", () => folder.write("d.pcapng", bigEndianSection(packets, 9, 1_000_000_000n))],
    ["tcpdump, microseconds", () => tool("e.pcap", "tcpdump", "-Z", "root", "-r", nanoseconds, "-w")],
    ["tcpdump, nanoseconds", () => tool("f.pcap", "tcpdump", "-Z", "root", "--nano", "-r", nanoseconds, "-w")],
    ["editcap, pcapng", () => tool("g.pcapng", "editcap", "-F", "pcapng", nanoseconds)],
    ["editcap, nsecpcap", () => tool("h.pcap", "editcap", "-F", "nsecpcap", nanoseconds)],
    ["editcap, modpcap", () => tool("i.pcap", "editcap", "-F", "modpcap", nanoseconds)],
  ])("a file of %s", (_name, make) => {
    const path = make();
    const ended = agent(["filter", "run", "-r", path, "udp or len < 80"]);
    expect({ ...ended, stdout: numbers(ended) }).toEqual({ status: 0, stderr: "", stdout: picked(nanoseconds, "udp or len < 80").numbers });
  });

  test("a capture cut to 60 bytes keeps the lengths of the wire", () => {
    const path = tool("cut.pcap", "editcap", "-F", "nsecpcap", "-s", "60", nanoseconds);
    for (const expression of ["len > 100", "greater 1000", "ip[70] = 0 or udp"]) {
      const out = folder.path("cut-out.pcap");
      const ended = agent(["filter", "run", "-r", path, "-w", out, expression]);
      expect({ status: ended.status, numbers: numbers(ended) }).toEqual({ status: 0, numbers: picked(path, expression).numbers });
      expect(readAll(readFileSync(out)).packets).toEqual(picked(path, expression).packets);
    }
    const [first] = agent(["decode", "--json", "-r", path]).stdout.toString().split("\n");
    expect(JSON.parse(first ?? "")).toMatchObject({ packet: 1, "frame.length": packets[0]?.wireLen });
  });

  test("several interfaces and sections number their packets through", () => {
    const one = folder.write("one.pcap", pcap(packets.slice(0, 100)));
    const two = folder.write("two.pcap", pcap(micros(packets.slice(100, 200))));
    const merged = folder.path("merged.pcapng");
    expect(spawnSync("mergecap", ["-a", "-I", "none", "-F", "pcapng", "-w", merged, one, two]).status).toBe(0);
    expect(readAll(readFileSync(merged)).interfaces).toHaveLength(2);
    const sections = folder.write(
      "sections.pcapng",
      readFileSync(merged),
      bigEndianSection(packets.slice(200), 9, 1_000_000_000n),
      readFileSync(merged),
    );
    const wanted = picked(nanoseconds, "udp").numbers;
    const first = wanted.filter((number) => number <= 200);
    expect(numbers(agent(["filter", "run", "-r", merged, "udp"]))).toEqual(first);
    expect(numbers(agent(["filter", "run", "-r", sections, "udp"]))).toEqual([
      ...wanted,
      ...first.map((number) => number + packets.length),
    ]);
  });

  test("standard input, as a file and in pieces; standard output", async () => {
    const bytes = readFileSync(nanoseconds);
    const wanted = picked(nanoseconds, "udp");
    expect(numbers(agent(["filter", "run", "-r", "-", "udp"], bytes))).toEqual(wanted.numbers);
    expect(readAll(agent(["filter", "run", "-r", "-", "-w", "-", "udp"], bytes).stdout).packets).toEqual(wanted.packets);
    const child = spawn(process.execPath, [bin, "filter", "run", "-r", "-", "udp"], { stdio: ["pipe", "pipe", "inherit"] });
    const exited = new Promise((resolve) => child.on("exit", resolve));
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    const pieces = seeded(seed);
    for (let at = 0; at < bytes.length;) {
      const size = pieces.between(1, 9_000);
      await new Promise<void>((resolve) => child.stdin.write(bytes.subarray(at, at + size), () => resolve()));
      at += size;
    }
    child.stdin.end();
    expect(await exited).toBe(0);
    expect(out.split("\n").filter(Boolean).map(Number)).toEqual(wanted.numbers);
  });

  test("link types and packets that a hook cannot be given are named and counted", () => {
    const about = { snaplen: 262_144, name: "x" };
    const types = [1, 101, 113, 12, 228];
    const frame = packets[0]?.bytes ?? new Uint8Array();
    const big = new Uint8Array(9000);
    const udp = Buffer.from("450000200001000040110000c0000201c6336402003500350008000000000000", "hex");
    const bytes = [big, udp, frame, udp, udp];
    const path = folder.write(
      "types.pcapng",
      sectionHeader({ application: "x" }),
      ...types.map((linkType) => interfaceBlock({ ...about, linkType })),
      ...bytes.map((each, interfaceId) => packetBlock({ interfaceId, tsNs: 1n, wireLen: each.length, bytes: each })),
    );
    const ended = agent(["filter", "run", "-r", path, "--hook", "tc", "udp"]);
    expect({ status: ended.status, numbers: numbers(ended) }).toEqual({ status: 0, numbers: [2, 4] });
    expect(ended.stderr.split("\n")).toEqual([
      expect.stringMatching(/^packet 1 was not tried: the kernel refuses a test run of it \(E\w+\)$/),
      "packet 3 was not tried: the programs know no packets of link type 113",
      "packet 5 was not tried: the programs know no packets of link type 228",
      expect.stringMatching(/^3 of 5 packets were not tried: 1 × .*; 1 × .* 113; 1 × .* 228$/),
      "",
    ]);
  });

  test.each(["filter run", "decode"])("%s: exit 2 when nothing could be tried, 0 when there is nothing to try", (command) => {
    const args = (path: string): string[] => [...command.split(" "), "-r", path, ...(command === "decode" ? [] : ["udp"])];
    const cooked = agent(args(folder.write("cooked.pcap", pcap(packets, { linkType: 113 }))));
    expect({ ...cooked, stdout: cooked.stdout.length }).toMatchObject({ status: 2, stdout: 0 });
    expect(cooked.stderr).toMatch(/400 of 400 packets were not tried: 400 × .* 113\nsonde-agent: no packet of \S+ could be tried\n$/);
    const none = agent(args(folder.write("none.pcap", pcap([]))));
    expect({ ...none, stdout: none.stdout.length }).toEqual({ status: 0, stdout: 0, stderr: "" });
  });

  test("packets of two link types are written to pcapng alone", () => {
    const about = { snaplen: 0, name: "x" };
    const udp = Buffer.from("450000200001000040110000c0000201c6336402003500350008000000000000", "hex");
    const ethernet = Buffer.concat([Buffer.from("0200000000020200000000010800", "hex"), udp]);
    const path = folder.write(
      "both.pcapng",
      sectionHeader({ application: "x" }),
      ...[1, 101].map((linkType) => interfaceBlock({ ...about, linkType })),
      ...[ethernet, udp].map((bytes, interfaceId) => packetBlock({ interfaceId, tsNs: 5n, wireLen: bytes.length, bytes })),
    );
    const refused = agent(["filter", "run", "-r", path, "-w", folder.path("both.pcap"), "udp"]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/both\.pcap: the packets are of several link types, .*\.pcapng\n$/);
    expect(agent(["filter", "run", "-r", path, "-w", folder.path("both-out.pcapng"), "udp"]).status).toBe(0);
    expect(readAll(readFileSync(folder.path("both-out.pcapng"))).interfaces.map(({ linkType }) => linkType)).toEqual([1, 101]);
  });
});

/** Runs a program whose last argument is the file it writes. */
function tool(name: string, program: string, ...args: readonly string[]): string {
  const path = folder.path(name);
  const { status, stderr } = spawnSync(program, [...args, path], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return path;
}
