import { spawnSync } from "node:child_process";

/** tshark's fields of one packet; every value there is, outermost first. */
export type Dissected = ReadonlyMap<Field, readonly string[]>;
export type Field = (typeof fields)[number];

const fields = [
  "frame.protocols",
  "eth.type",
  "vlan.id",
  "vlan.etype",
  "ieee8021ad.id",
  "ieee8021ad.svid",
  "ieee8021ad.cvid",
  "ip.src",
  "ip.dst",
  "ip.proto",
  "ip.flags.mf",
  "ip.frag_offset",
  "ipv6.src",
  "ipv6.dst",
  "ipv6.fraghdr.more",
  "ipv6.fraghdr.offset",
  "arp.src.proto_ipv4",
  "arp.dst.proto_ipv4",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.flags",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.window_size_value",
  "udp.srcport",
  "udp.dstport",
  "sctp.srcport",
  "sctp.dstport",
  "icmp.type",
  "icmp.code",
  "icmpv6.type",
  "icmpv6.code",
] as const;

/** Each packet by itself: nothing put together over packets, and no dissector that guesses. */
const settings = [
  "ip.defragment:FALSE",
  "ipv6.defragment:FALSE",
  "tcp.desegment_tcp_streams:FALSE",
  "tcp.check_checksum:FALSE",
  "udp.check_checksum:FALSE",
  "tcp.analyze_sequence_numbers:FALSE",
];

/** Dissects a capture. Throws with tshark's own words. */
export function dissect(path: string): readonly Dissected[] {
  const args = ["-n", "-r", path, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=|"];
  const options = settings.flatMap((setting) => ["-o", setting]);
  const { status, stdout, stderr } = spawnSync("tshark", [...args, ...options, ...fields.flatMap((field) => ["-e", field])], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  // 2: the file is damaged; what came before was dissected
  if (status !== 0 && status !== 2) throw new Error(`tshark ${path}: ${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const values = line.split("\t");
      return new Map(fields.map((field, i) => [field, (values[i] ?? "").split("|").filter((text) => text !== "")]));
    });
}
