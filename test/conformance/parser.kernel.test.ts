import { expect, test } from "vitest";
import { decodePacket } from "../../apps/agent/src/capture/decoded.ts";
import { type TestRun, openTestRun } from "../../packages/bpf/src/index.ts";
import { parseErrors, recordAt } from "../../packages/protocol/src/layout.ts";
import { type Capture, type Captured, ETHERNET } from "../support/captures.ts";
import { everyTruncation, generatePackets } from "../support/generate.ts";
import { gated, needs } from "../support/needs.ts";
import { chooseSeed, seeded } from "../support/random.ts";
import { dissect } from "../support/tshark.ts";
import { openCorpus } from "./corpus.ts";
import { hooks } from "./filters.ts";
import { compareParse } from "./parser.ts";

const gate = gated(needs.root, needs.btf, needs.debianSources, needs.tshark);
/** The same captures and frames every time, unless asked for others. */
const seed = chooseSeed(process.env["SONDE_TEST_SEED"] ?? "1");
/** tshark takes half a second to start: so many of tcpdump's captures at a time. */
const CAPTURES = 60;

const viewOf = (record: Uint8Array): DataView => new DataView(record.buffer, record.byteOffset, record.byteLength);

/** What differs between the programs and tshark over one capture, and how many packets were compared. */
function compare(run: TestRun, capture: Capture): { compared: number; differences: string[] } {
  const theirs = dissect(capture.path);
  if (theirs.length !== capture.packets.length) return { compared: 0, differences: [] }; // tshark stops at a damage that we do not mind
  const ethernet = capture.linkType === ETHERNET;
  let compared = 0;
  const differences: string[] = [];
  for (const [i, result] of run.run(capture.packets, { hook: "xdp", linkType: ethernet ? "ethernet" : "raw" }).entries()) {
    const packet = capture.packets[i];
    const dissected = theirs[i];
    if (!result.ran || packet === undefined || dissected === undefined) continue;
    compared++;
    const number = i + 1;
    const ours = decodePacket({ number, linkType: capture.linkType, seconds: 0, nanoseconds: 0, ...packet }, viewOf(result.record));
    for (const difference of compareParse(ours, dissected, { bytes: packet.bytes, ethernet }))
      differences.push(`${capture.name} packet ${number}: ${difference}`);
  }
  return { compared, differences };
}

test.skipIf(gate.skip)(gate.name("the parser agrees with tshark"), () => {
  process.stdout.write(`SONDE_TEST_SEED=${seed}\n`);
  const random = seeded(seed);
  const corpus = openCorpus(random, 8);
  const run = openTestRun();
  try {
    const generated = corpus.captures.slice(0, 8);
    const found = corpus.captures.slice(8);
    const start = random.below(found.length);
    const chosen = [...generated, ...found.slice(start), ...found.slice(0, start)].slice(0, generated.length + CAPTURES);
    const results = chosen.map((capture) => compare(run, capture));
    const compared = results.reduce((sum, each) => sum + each.compared, 0);
    process.stdout.write(`${compared} packets of ${chosen.length} captures compared with tshark\n`);
    expect(results.flatMap(({ differences }) => differences)).toEqual([]);
    expect(compared).toBeGreaterThan(2_000);
  } finally {
    run.close();
    corpus.close();
  }
});

test.skipIf(gate.skip)(gate.name("every length of every packet gets a verdict, and every malformed case has a name"), () => {
  const random = seeded(seed);
  const corpus = openCorpus(random, 1);
  const run = openTestRun();
  try {
    const found = Array.from({ length: 12 }, () => random.pick(corpus.captures.slice(1)));
    const packets = [
      generatePackets(random, 120),
      ...found.map((capture) => (capture.linkType === ETHERNET ? capture.packets.slice(0, 8) : [])),
    ]
      .flat()
      .filter(({ bytes }) => bytes.length <= 400)
      .flatMap((packet): readonly Captured[] => everyTruncation(packet));
    for (const hook of hooks) {
      const results = run.run(packets, { hook, linkType: "ethernet" });
      const unnamed = results.filter(
        (result) => !result.ran || parseErrors[viewOf(result.record).getUint8(recordAt.parseErr)] === undefined,
      );
      expect({ hook, unnamed }).toEqual({ hook, unnamed: [] });
      // cut inside the Ethernet header there is one verdict only
      const short = results.filter((result, i) => result.ran && (packets[i]?.bytes.length ?? 0) < 14);
      const names = new Set(short.map((result) => result.ran && parseErrors[viewOf(result.record).getUint8(recordAt.parseErr)]));
      expect([...names]).toEqual(["short_l2"]);
    }
    process.stdout.write(`${packets.length} frames cut at every length on ${hooks.length} hooks\n`);
  } finally {
    run.close();
    corpus.close();
  }
});
