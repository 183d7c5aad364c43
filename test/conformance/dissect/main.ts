/**
 * `npm run conformance -- dissect [--defaults] [--fields REGEX] [--seed N] [FILE…]`: our dissectors against tshark, over the files or
 * over tcpdump's and Wireshark's own captures. A table per field; exit 1 below 99.5 % agreement,
 * or where a packet takes over 1 ms.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dissect, linkTypes } from "../../../apps/web/src/domain/dissect/index.ts";
import type { Packet } from "../../../apps/web/src/domain/dissect/types.ts";
import { TcpAnalysis } from "../../../apps/web/src/domain/dissect/tcp/analysis.ts";
import { allCaptureFiles } from "../../support/captures.ts";
import { chooseSeed, seeded } from "../../support/random.ts";
import { compare, type Count, type Counts } from "./compare.ts";
import { type FilePacket, pcapOf, readPackets } from "./packets.ts";
import { dissectWithTshark } from "./pdml.ts";
import { mutate, unsound } from "./sound.ts";
import { Segments } from "./segments.ts";

const ENOUGH = 0.995;
const LONGEST_MS = 1;
/** Whole files until there are as many: tshark takes half a second to start. */
const PACKETS_AT_ONCE = 3_000;

const TRIES = 25;
/** Of each packet, as a fuzz test. */
const MUTATIONS = 3;

/** Each packet by itself: nothing put together over packets. */
const settings = [
  "ip.defragment:FALSE",
  "ipv6.defragment:FALSE",
  "tcp.desegment_tcp_streams:FALSE",
  "tls.desegment_ssl_records:FALSE",
  "tls.desegment_ssl_application_data:FALSE",
  "http.desegment_headers:FALSE",
  "http.desegment_body:FALSE",
  "dns.desegment_dns_messages:FALSE",
];

export async function conformanceOfDissectors(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { defaults: { type: "boolean", default: false }, fields: { type: "string", default: "." }, seed: { type: "string" } },
    allowPositionals: true,
  });
  const files = positionals.length > 0 ? positionals : allCaptureFiles();
  const folder = mkdtempSync(join(tmpdir(), "sonde-dissect-"));
  const counts: Counts = new Map();
  const slowest = { ms: 0, from: "" };
  const complaints: string[] = [];
  const seed = chooseSeed(values.seed ?? "random");
  const random = seeded(seed);
  let packets = 0;
  try {
    for (const batch of batches(files)) {
      const path = join(folder, "batch.pcap");
      writeFileSync(path, pcapOf(batch[0]?.linkType ?? 0, batch));
      const options = values.defaults ? [] : settings.flatMap((setting) => ["-o", setting]);
      const [segments, analysis] = [new Segments(), new TcpAnalysis()];
      let at = 0;
      for await (const theirs of dissectWithTshark(path, folder, options)) {
        const packet = batch[at++];
        if (packet === undefined) throw new Error("tshark shows more packets than there are");
        const segment = segments.of(
          dissect({ ...packet, facts: null }).layers,
          packet.seconds - (batch[0]?.seconds ?? 0) + packet.nanoseconds / 1e9,
        );
        const whole = { ...packet, facts: segment === null ? null : { ...analysis.take(segment) } };
        const { layers } = dissect(whole);
        const ms = timeOf(whole);
        if (ms > slowest.ms) Object.assign(slowest, { ms, from: packet.from });
        for (let i = 0; i < MUTATIONS; i++)
          for (const complaint of unsound({ ...packet, bytes: mutate(random, packet.bytes) }))
            complaints.push(`${packet.from} changed: ${complaint}`);
        compare(counts, packet.from, layers, theirs);
      }
      packets += at;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(table(counts, new RegExp(values.fields)));
  const [agree, differ] = [sum(counts, "agree"), sum(counts, "differ")];
  const share = agree / Math.max(1, agree + differ);
  process.stdout.write(
    `${packets} packets of ${files.length} files: ${agree} values agree, ${differ} differ (${(share * 100).toFixed(3)} % agree), ` +
      `${sum(counts, "missing")} not decoded\nslowest packet ${slowest.ms.toFixed(2)} ms: ${slowest.from}\n` +
      `${packets * MUTATIONS} changed packets (--seed ${seed}): ${complaints.length} complaints\n${complaints.slice(0, 20).join("\n")}`,
  );
  return share >= ENOUGH && slowest.ms < LONGEST_MS && complaints.length === 0 ? 0 : 1;
}

/** Milliseconds to take a packet apart: the least of a few, so that what else this machine does is not counted. */
function timeOf(packet: Packet): number {
  let least = Infinity;
  for (let tries = 0; tries < TRIES; tries++) {
    const started = performance.now();
    dissect(packet);
    least = Math.min(least, performance.now() - started);
    if (least < 1) break;
  }
  return least;
}

/** Packets of one link type, whole files. */
function* batches(files: readonly string[]): Generator<readonly FilePacket[]> {
  const open = new Map<number, FilePacket[]>();
  for (const file of files) {
    for (const packet of readPackets(file)) {
      if (!linkTypes.has(packet.linkType)) continue;
      const list = open.get(packet.linkType) ?? [];
      open.set(packet.linkType, list);
      list.push(packet);
    }
    for (const [linkType, list] of open) {
      if (list.length < PACKETS_AT_ONCE) continue;
      yield list;
      open.delete(linkType);
    }
  }
  yield* open.values();
}

const sum = (counts: Counts, key: "agree" | "differ" | "missing"): number =>
  [...counts.values()].reduce((total, count) => total + count[key], 0);

function table(counts: Counts, fields: RegExp): string {
  const row = (name: string, agree: unknown, differ: unknown, missing: unknown, example: string): string =>
    `${name.padEnd(44)}${String(agree).padStart(9)}${String(differ).padStart(8)}${String(missing).padStart(12)}  ${example}\n`;
  const shown = [...counts].filter(([name]) => fields.test(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const line = ([name, { agree, differ, missing, example }]: [string, Count]): string => row(name, agree, differ, missing, example);
  return row("field", "agree", "differ", "not decoded", "first that is not the same") + shown.map(line).join("");
}
