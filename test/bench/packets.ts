/** How long the packet table takes to open and to filter a million packets in Node: npx tsx test/bench/packets.ts [COUNT] */
import { TableReader } from "../../apps/web/src/domain/packets/capture.ts";
import { packetFields } from "../../apps/web/src/domain/packets/fields.ts";
import { packetPredicate } from "../../apps/web/src/domain/packets/predicate.ts";
import { PacketTable } from "../../apps/web/src/domain/packets/table.ts";
import { parseWith } from "../../apps/web/src/domain/query/index.ts";
import { CaptureReader } from "../../packages/pcapfile/src/index.ts";
import { manyPackets } from "./packets/million.ts";

const count = Number(process.argv[2] ?? 1_000_000);
const CHUNK = 1 << 20;

function timed<T>(name: string, run: () => T): T {
  const started = performance.now();
  const result = run();
  console.log(`${name.padEnd(48)} ${(performance.now() - started).toFixed(0).padStart(7)} ms`);
  return result;
}

const file = manyPackets(count, 1);
console.log(`${count} packets, ${(file.length / 1e6).toFixed(0)} MB of pcapng`);
timed("reader alone", () => {
  const reader = new CaptureReader({ interface: () => {}, packet: () => {} });
  for (let at = 0; at < file.length; at += CHUNK) reader.push(file.subarray(at, at + CHUNK));
});
const table = timed("opened into the table", () => {
  const opened = new PacketTable();
  const reader = new TableReader(opened);
  for (let at = 0; at < file.length; at += CHUNK) reader.push(file.subarray(at, at + CHUNK));
  reader.end();
  return opened;
});
console.log(`${table.length} packets held, ${(table.store.bytes / 1e6).toFixed(0)} MB of bytes`);
timed("100,000 packets taken apart", () => {
  for (let row = 0; row < 100_000; row++) table.dissect(row % table.length);
});
for (const text of [
  "tcp.port == 443",
  "ip.addr == 10.0.0.7 && tcp.flags.syn == 0",
  "ip.addr == 10.0.0.0/26 || udp",
  "frame.len > 500",
  "tcp.stream == 3",
  "!(tcp || arp)",
  "frame contains 16:03:01",
  'frame matches "host: h1[0-9]"',
  "ip.ttl < 64",
  "dns",
  "dns",
  'dns.qry.name contains "h7"',
  "tcp.options",
  "udp.checksum",
  "udp.checksum",
]) {
  const parsed = parseWith(text, packetFields);
  if (!parsed.ok) {
    console.log(text, parsed.error.message);
    continue;
  }
  const count = timed(text, () => {
    const takes = packetPredicate(parsed.query, table);
    let taken = 0;
    for (let row = 0; row < table.length; row++) if (takes(row)) taken++;
    return taken;
  });
  console.log(`  ${count}`);
}
