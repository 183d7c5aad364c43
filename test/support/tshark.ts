import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A protocol's part of a packet as tshark shows it. IPv6 extension headers and options lie in the layer they belong to. */
export type Layer = {
  readonly name: string;
  /** Every value of a field, in the order of the packet. */
  readonly values: (field: Field) => readonly string[];
  /** tshark calls what stands in this layer malformed, or found it shorter than it must be. */
  readonly malformed: boolean;
  /** tshark finds something there that its protocol forbids. */
  readonly wrong: boolean;
};
/** The layers of one packet, outermost first. */
export type Dissected = readonly Layer[];

export type Field = (typeof fields)[number];

export const fields = [
  ...([
    "eth.type",
    "eth.len",
    "vlan.id",
    "vlan.etype",
    "vlan.len",
    "ieee8021ah.etype",
    "ieee8021ad.id",
    "ieee8021ad.svid",
    "ieee8021ad.cvid",
  ] as const),
  ...(["ip.src", "ip.dst", "ip.flags.mf", "ip.frag_offset"] as const),
  ...(["ipv6.src", "ipv6.dst", "ipv6.fraghdr.more", "ipv6.fraghdr.offset"] as const),
  ...(["arp.opcode", "arp.src.proto_ipv4", "arp.dst.proto_ipv4"] as const),
  ...(["tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "tcp.window_size_value", "tcp.urgent_pointer"] as const),
  ...(["tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.sack_perm", "tcp.options.sack_le", "tcp.options.sack_re"] as const),
  ...(["tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr"] as const),
  ...(["udp.srcport", "udp.dstport", "udp.checksum", "udp.length.bad", "sctp.srcport", "sctp.dstport", "sctp.checksum"] as const),
  ...(["icmp.type", "icmp.code", "icmpv6.type", "icmpv6.code"] as const),
  ...(["vxlan.vni", "geneve.vni", "geneve.proto_type", "gre.key", "gre.proto"] as const),
] as const;
const known: ReadonlySet<string> = new Set(fields);

/** The only protocols that are dissected: none of a payload's, so that none of them puts layers of its own inside. */
const protocols = new Set([
  ...["frame", "eth", "ethertype", "raw", "vlan", "ieee8021ad", "arp", "ip", "ipv6", "tcp", "udp", "sctp", "icmp", "icmpv6"],
  ...["ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts", "ah", "mipv6", "hip", "shim6"],
  ...["vxlan", "geneve", "gre", "data", "_ws.malformed", "_ws.short", "_ws.unreassembled", "_ws.expert"],
]);

/** Each packet by itself: nothing put together over packets, no dissector that guesses, lengths as they stand. */
const settings = [
  "ip.defragment:FALSE",
  "ipv6.defragment:FALSE",
  "ip.tso_support:FALSE",
  "tcp.desegment_tcp_streams:FALSE",
  "tcp.analyze_sequence_numbers:FALSE",
  "tcp.relative_sequence_numbers:FALSE",
  "tcp.dissect_experimental_options_rfc6994:FALSE",
  "sctp.reassembly:FALSE",
  "eth.fcs:Never",
  // 0x9100 is a tag to tshark, and none to the kernel
  "vlan.qinq_ethertype:0x8100",
];

/** Values of _ws.expert.group: epan/proto.h PI_MALFORMED, PI_PROTOCOL. */
const MALFORMED_GROUP = String(0x07000000);
const PROTOCOL_GROUP = String(0x09000000);

export type Dissector = {
  /** The packets of a capture file, in order. Throws with tshark's own words. */
  readonly dissect: (path: string) => readonly Dissected[];
  readonly close: () => void;
};

/** tshark with settings of its own, in a folder that close() removes. */
export function openDissector(): Dissector {
  const folder = mkdtempSync(join(tmpdir(), "sonde-tshark-"));
  const listed = execFileSync("tshark", ["-G", "protocols"], { encoding: "utf8", maxBuffer: 1 << 24, stdio: ["ignore", "pipe", "ignore"] });
  const others = new Set(listed.split("\n").map((line) => line.split("\t")[2] ?? ""));
  for (const name of ["", ...protocols]) others.delete(name);
  writeFileSync(join(folder, "disabled_protos"), `${[...others].join("\n")}\n`);
  const options = settings.flatMap((setting) => ["-o", setting]);
  const dissect = (path: string): readonly Dissected[] => {
    const { status, stdout, stderr } = spawnSync("tshark", ["-n", "-r", path, "-T", "pdml", ...options], {
      encoding: "latin1",
      maxBuffer: 1 << 29,
      env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
    });
    if (status !== 0) throw new Error(`tshark ${path}: ${stderr}`);
    return [...packetsOf(stdout)];
  };
  return { dissect, close: () => rmSync(folder, { recursive: true, force: true }) };
}

const OPEN = /^ {2}<proto name="([^"]*)"/;
const FIELD = /^ +<(?:field|proto) name="([^"]+)"(?:.*? show="([^"]*)")?/;

/** What tshark shows where a dissector ran past the end: of the packet, of what was captured, of a fragment. */
const stops = new Set(["_ws.malformed", "_ws.short", "_ws.unreassembled"]);

type Building = { name: string; fields: Map<string, string[]>; malformed: boolean; wrong: boolean };

/** Packets of PDML (doc/README.xml-output), one line an element, indented by depth. */
function* packetsOf(pdml: string): Generator<Dissected> {
  let layers: Building[] = [];
  let start = 0;
  for (let end = pdml.indexOf("\n"); end >= 0; start = end + 1, end = pdml.indexOf("\n", start)) {
    const line = pdml.slice(start, end);
    if (line === "<packet>") layers = [];
    else if (line === "</packet>")
      yield layers.map(({ fields: found, ...layer }) => ({ ...layer, values: (field) => found.get(field) ?? [] }));
    else takeLine(layers, line);
  }
}

function takeLine(layers: Building[], line: string): void {
  const last = layers.at(-1);
  const opened = OPEN.exec(line)?.[1];
  if (opened !== undefined && stops.has(opened)) {
    if (last) last.malformed = true;
  } else if (opened !== undefined) {
    if (opened !== "geninfo" && opened !== "frame" && opened !== "raw")
      layers.push({ name: opened, fields: new Map(), malformed: false, wrong: false });
  } else if (last) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === "_ws.expert.group" && value === MALFORMED_GROUP) last.malformed = true;
    if (name === "_ws.expert.group" && value === PROTOCOL_GROUP) last.wrong = true;
    if (name === undefined || !known.has(name)) return;
    const values = last.fields.get(name);
    if (values) values.push(value ?? "");
    else last.fields.set(name, [value ?? ""]);
  }
}
