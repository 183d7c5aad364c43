/** Filters over the packet table against tshark -Y, over tcpdump's own captures: the same packets, but for what a dissector tells otherwise. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
  let shown: ReadonlyMap<string, ReadonlySet<number>>;
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    const packets = tcpdumpCaptures().flatMap((capture) => (capture.linkType === ETHERNET ? capture.packets : []));
    const taken = packets.slice(0, MAX_PACKETS);
    const records = taken.map((packet, i) => pcapRecord({ seconds: i, nanoseconds: 0, ...packet }));
    const file = Buffer.concat([pcapHeader({ linkType: ETHERNET, snaplen: 262_144 }), ...records]);
    const reader = new TableReader(table);
    reader.push(file);
    reader.end();
    // the statistics leave out what comes at the very end of the last second, which therefore is another packet
    const end = pcapRecord({ seconds: taken.length, nanoseconds: 0, bytes: new Uint8Array(14), wireLen: 14 });
    writeFileSync(path, Buffer.concat([file, end]));
    shown = shownBy(filters);
  });

  /** It warns of its own regular expressions over empty fields. */
  function tshark(...args: readonly string[]): readonly string[] {
    const options = settings.flatMap((setting) => ["-o", setting]);
    const env = { ...process.env, WIRESHARK_CONFIG_DIR: folder };
    const { status, stdout, stderr } = spawnSync("tshark", ["-n", "-r", path, ...options, ...args], {
      encoding: "utf8",
      env,
      maxBuffer: 1e8,
    });
    if (status !== 0) throw new Error(`tshark ${args.join(" ")}: ${stderr}`);
    return stdout.split("\n");
  }

  /**
   * Numbers of the packets that tshark shows, for each filter: one run counts for all of them what each second has (io,stat in
   * tshark(1)), where packet n is alone in second n - 1. A comma would end a filter there, so such a filter has a run of its own.
   */
  function shownBy(texts: readonly string[]): ReadonlyMap<string, ReadonlySet<number>> {
    const together = texts.filter((text) => !text.includes(","));
    const shown = new Map(together.map((text) => [text, new Set<number>()]));
    for (const line of tshark("-q", "-z", `io,stat,1,${together.join(",")}`)) {
      const [, interval = "", ...cells] = line.split("|");
      const [, second] = /^ *(\d+) <>/.exec(interval) ?? [];
      if (second === undefined) continue;
      // each filter has two cells, frames and bytes
      for (const [i, text] of together.entries()) if (Number(cells[2 * i]) > 0) shown.get(text)?.add(Number(second) + 1);
    }
    for (const text of texts.filter((each) => !shown.has(each)))
      shown.set(text, new Set(tshark("-Y", text, "-T", "fields", "-e", "frame.number").filter(Boolean).map(Number)));
    return shown;
  }

  test.each(filters)("%s", (text) => {
    const parsed = parseWith(text, packetFields);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const theirs = shown.get(text) ?? new Set();
    const takes = packetPredicate(parsed.query, table);
    const differ = Array.from({ length: table.length }, (_, row) => row + 1).filter((number) => takes(number - 1) !== theirs.has(number));
    console.log(`${text}: ${theirs.size} of ${table.length}, ${differ.length} differ ${differ.slice(0, 10).join(" ")}`);
    expect(differ.length).toBeLessThanOrEqual(table.length * (1 - ENOUGH));
  });
});
