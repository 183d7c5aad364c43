import { expect, test } from "vitest";
import { type DecodedPacket, decodePacket } from "../../apps/agent/src/capture/decoded.ts";
import { type TestResult, type TestRun, openTestRun } from "../../packages/bpf/src/index.ts";
import { type ParseError, parseErrors, recordAt, viewOf } from "../../packages/protocol/src/index.ts";
import { type Captured, ETHERNET } from "../support/captures.ts";
import { everyCut, generatePackets } from "../support/generate.ts";
import { gated, needs } from "../support/needs.ts";
import { chooseSeed, seeded } from "../support/random.ts";
import { openDissector } from "../support/tshark.ts";
import { openCorpus } from "./corpus.ts";
import { dissectPackets } from "./dissect.ts";
import { hooks } from "./judge.ts";
import { compareParse } from "./parser.ts";

const gate = gated(needs.root, needs.btf, needs.debianSources, needs.tshark);
/** The same captures and frames every time, unless asked for others. */
const seed = chooseSeed(process.env["SONDE_TEST_SEED"] ?? "1");
const RAW_IP = 101;
const GENERATED_FILES = 40;
/** Bytes of a packet that are cut one by one: further than any header. */
const DEEPEST = 240;
/** Tunnels and what they carry, as kindsOf() names them. */
const tunnelKinds = ["vxlan", "geneve", "gre", "ipip"].flatMap((type) => [`${type} ipv4`, `${type} ipv6`]);

type Named = Captured & { readonly name: string };
type Differences = { compared: number; readonly found: string[]; readonly kinds: Map<string, number> };

/** Adds what differs between the programs, on every hook, and tshark over packets of one link type. */
function compareAll(run: TestRun, { ethernet, packets }: { ethernet: boolean; packets: readonly Named[] }, sum: Differences): void {
  const linkType = ethernet ? ETHERNET : RAW_IP;
  const runs = hooks.map((hook) => ({ hook, results: run.run(packets, { hook, linkType: ethernet ? "ethernet" : "raw" }) }));
  const dissector = openDissector();
  try {
    let at = 0;
    for (const theirs of dissectPackets(dissector, linkType, packets)) {
      const packet = packets[at] as Named;
      for (const { hook, results } of runs) {
        const result = results[at];
        if (!result?.ran) continue;
        const ours = decodePacket({ number: at + 1, linkType, seconds: 0, nanoseconds: 0, ...packet }, result);
        sum.compared++;
        for (const kind of kindsOf(ours)) sum.kinds.set(kind, (sum.kinds.get(kind) ?? 0) + 1);
        for (const difference of compareParse(ours, theirs, ethernet)) sum.found.push(`${packet.name} on ${hook}: ${difference}`);
      }
      at++;
    }
  } finally {
    dissector.close();
  }
}

function kindsOf({ tunnel, malformed, ...outer }: DecodedPacket): readonly string[] {
  const kinds = [malformed ?? "", outer["network.transport"] ?? "", outer["ip.fragment"] === true ? "fragment" : ""];
  for (const name of ["vlan.inner", "tcp.options.mss", "tcp.options.sack"] as const)
    if (outer[name] !== undefined || tunnel?.[name] !== undefined) kinds.push(name);
  if (tunnel) kinds.push(`${tunnel.type} ${tunnel["network.type"] ?? ""}`, tunnel["ip.fragment"] === true ? "fragment inside" : "");
  if (tunnel?.vlan !== undefined) kinds.push("vlan inside");
  return kinds;
}

test.skipIf(gate.skip)(gate.name("the parser agrees with tshark on every packet of every capture"), () => {
  process.stdout.write(`SONDE_TEST_SEED=${seed}\n`);
  const corpus = openCorpus(seeded(seed), GENERATED_FILES);
  const run = openTestRun();
  const sum: Differences = { compared: 0, found: [], kinds: new Map() };
  try {
    for (const ethernet of [true, false]) {
      const packets = corpus.captures
        .filter(({ linkType }) => (linkType === ETHERNET) === ethernet)
        .flatMap(({ name, packets: all }) => all.map((packet, i) => ({ ...packet, name: `${name} packet ${i + 1}` })))
        .filter(({ bytes, wireLen }) => wireLen >= bytes.length); // of damaged files
      compareAll(run, { ethernet, packets }, sum);
    }
    process.stdout.write(`${sum.compared} packets × hooks of ${corpus.captures.length} captures compared with tshark\n`);
    expect(sum.found).toEqual([]);
    expect(sum.compared).toBeGreaterThan(25_000);
    const wanted = [
      ...tunnelKinds,
      "sctp",
      "fragment",
      "fragment inside",
      "vlan inside",
      "vlan.inner",
      "tcp.options.mss",
      "tcp.options.sack",
    ];
    expect(wanted.filter((kind) => (sum.kinds.get(kind) ?? 0) < 20)).toEqual([]);
  } finally {
    run.close();
    corpus.close();
  }
});

/** What the programs call a result; undefined when there is no verdict, or one without a name. */
const verdictOf = (result: TestResult | undefined): string | undefined =>
  result?.ran === true ? parseErrors[viewOf(result.record).getUint8(recordAt.parseErr)] : undefined;

test.skipIf(gate.skip)(gate.name("every length of every packet gets a verdict that has a name"), () => {
  const corpus = openCorpus(seeded(seed), 4);
  const run = openTestRun();
  const seen = new Map<string | undefined, number>();
  try {
    for (const { linkType, packets } of corpus.captures) {
      const ethernet = linkType === ETHERNET;
      for (const packet of packets) {
        const cuts = everyCut({ ...packet, bytes: packet.bytes.subarray(0, DEEPEST) });
        for (const hook of hooks) {
          const names = run.run(cuts, { hook, linkType: ethernet ? "ethernet" : "raw" }).map(verdictOf);
          for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
          // cut inside the Ethernet header there is one verdict only
          if (ethernet && names.length > 0) expect(new Set(names.slice(0, 2 * 13))).toEqual(new Set(["short_l2"]));
        }
      }
    }
    process.stdout.write(`${[...seen].map(([name, count]) => `${count} ${String(name)}`).join(", ")}\n`);
    expect(seen.get(undefined)).toBeUndefined();
  } finally {
    run.close();
    corpus.close();
  }
});

test.skipIf(gate.skip)(gate.name("what is cut short is malformed to the parser where it is to tshark"), () => {
  process.stdout.write(`SONDE_TEST_SEED=${seed}\n`);
  const random = seeded(seed);
  const corpus = openCorpus(random, 1);
  const run = openTestRun();
  const sum: Differences = { compared: 0, found: [], kinds: new Map() };
  try {
    const tunnels = corpus.captures.filter(({ name }) => /^(vxlan|geneve|gre)/.test(name));
    const found = [...tunnels, ...Array.from({ length: 12 }, () => random.pick(corpus.captures.slice(1)))];
    const packets = [
      ...generatePackets(random, 320),
      ...found.flatMap((capture) => (capture.linkType === ETHERNET ? capture.packets.slice(0, 4) : [])),
    ]
      .filter(({ bytes }) => bytes.length <= DEEPEST)
      .flatMap((packet, i) =>
        everyCut(packet).map((cut) => ({ ...cut, name: `packet ${i}, ${cut.bytes.length} bytes of ${cut.wireLen}` })),
      );
    compareAll(run, { ethernet: true, packets }, sum);
    expect(sum.found).toEqual([]);
    const names = [...sum.kinds.keys()].filter((kind) => parseErrors.includes(kind as ParseError)).sort();
    process.stdout.write(`${sum.compared} frames × hooks: ${names.join(", ")}\n`);
    const headers = ["l2", "vlan", "arp", "ipv4", "ipv6", "ipv6_ext", "tcp", "udp", "icmp", "sctp", "gre", "vxlan", "geneve"];
    const inside = ["l2", "ipv4", "ipv6", "tcp", "udp"];
    const wanted = [...headers.map((name) => `short_${name}`), ...inside.map((name) => `inner_short_${name}`)];
    expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
  } finally {
    run.close();
    corpus.close();
  }
});
