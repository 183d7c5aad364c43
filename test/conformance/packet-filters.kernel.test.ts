/** Filters over the packet table against tshark -Y, over tcpdump's own captures: the same packets, but for what a dissector tells otherwise. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TableReader } from "../../apps/web/src/domain/packets/capture.ts";
import { packetFields } from "../../apps/web/src/domain/packets/fields.ts";
import { packetPredicate } from "../../apps/web/src/domain/packets/predicate.ts";
import { PacketTable } from "../../apps/web/src/domain/packets/table.ts";
import { parseWith } from "../../apps/web/src/domain/query/index.ts";
import { pcapHeader, pcapRecord } from "../../packages/pcapfile/src/index.ts";
import { ETHERNET, tcpdumpCaptures } from "../support/captures.ts";
import { gated, needs } from "../support/needs.ts";

const MAX_PACKETS = 12_000;
/** As of the dissectors (npm run conformance -- dissect). */
const ENOUGH = 0.995;
/** Each packet by itself, as the table has it. */
const settings = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE", "tls.desegment_ssl_records:FALSE"];

const filters = [
  "eth",
  "arp",
  "ip",
  "ipv6",
  "tcp",
  "udp",
  "vlan",
  "icmp || icmpv6",
  "dns",
  "tls",
  "http",
  "ntp",
  "eth.type == 0x0800",
  "eth.addr == ff:ff:ff:ff:ff:ff",
  "eth.dst == 01:80:c2:00:00:00 || eth.src contains 00:0c",
  "ip.addr == 10.0.0.0/8",
  "ip.src == 192.168.0.0/16 && ip.dst == 224.0.0.0/4",
  "ipv6.addr == fe80::/10",
  "ipv6.dst == ff02::1",
  "ip.proto == 17 && !udp.port",
  "ip.ttl < 3",
  "ip.flags.df == 1 && ip.len > 1000",
  "ipv6.hlim == 255",
  "tcp.port in {22, 80, 443, 8000..9000}",
  "tcp.srcport > 1024 && tcp.dstport <= 1024",
  "tcp.flags.syn == 1 && tcp.flags.ack == 0",
  "tcp.flags == 0x10",
  "tcp.len > 0",
  "tcp.window_size_value == 0",
  "tcp.options.mss_val >= 1400",
  "tcp.stream == 2",
  "tcp.analysis.retransmission",
  "tcp.seq == 1 && tcp.ack == 1",
  "udp.port == 53 || udp.port == 123",
  "udp.length > 200",
  "udp.stream == 1",
  "vlan.id == 100",
  "arp.opcode == 1",
  "frame.len > 500",
  "frame.number in {10..20, 100}",
  "frame contains 00:00:00:01",
  'frame contains "HTTP"',
  'frame matches "^.{12}\\x08\\x00"',
  'udp contains "com"',
  "dns.flags.response == 1",
  'dns.qry.name contains "com"',
  'dns.qry.name matches "^[a-m].*net$"',
  "!(tcp || udp) && frame.len < 100",
  "frame.time_relative > 10 && ip",
];

const gate = gated(needs.tshark, needs.debianSources);
describe.skipIf(gate.skip)(gate.name("filters take what tshark takes"), () => {
  const folder = mkdtempSync(join(tmpdir(), "sonde-packet-filters-"));
  const path = join(folder, "packets.pcap");
  const table = new PacketTable();
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    const packets = tcpdumpCaptures().flatMap((capture) => (capture.linkType === ETHERNET ? capture.packets : []));
    const records = packets.slice(0, MAX_PACKETS).map((packet, i) => pcapRecord({ seconds: i, nanoseconds: 0, ...packet }));
    writeFileSync(path, Buffer.concat([pcapHeader({ linkType: ETHERNET, snaplen: 262_144 }), ...records]));
    const reader = new TableReader(table);
    reader.push(readFileSync(path));
    reader.end();
  });

  /** Numbers of the packets that tshark shows. It warns of its own regular expressions over empty fields. */
  function shown(filter: string): ReadonlySet<number> {
    const options = settings.flatMap((setting) => ["-o", setting]);
    const args = ["-n", "-r", path, ...options, "-Y", filter, "-T", "fields", "-e", "frame.number"];
    const { status, stdout, stderr } = spawnSync("tshark", args, {
      encoding: "utf8",
      env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
    });
    if (status !== 0) throw new Error(`tshark -Y '${filter}': ${stderr}`);
    return new Set(stdout.split("\n").filter(Boolean).map(Number));
  }

  test.each(filters)("%s", (text) => {
    const parsed = parseWith(text, packetFields);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const theirs = shown(text);
    const takes = packetPredicate(parsed.query, table);
    const differ = Array.from({ length: table.length }, (_, row) => row + 1).filter((number) => takes(number - 1) !== theirs.has(number));
    console.log(`${text}: ${theirs.size} of ${table.length}, ${differ.length} differ ${differ.slice(0, 10).join(" ")}`);
    expect(differ.length).toBeLessThanOrEqual(table.length * (1 - ENOUGH));
  });
});
