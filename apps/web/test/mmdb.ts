import ipaddr from "ipaddr.js";

type Value = string | number | { readonly [key: string]: Value };

/** A database of MaxMind's format (MaxMind DB 2.0, records of 24 bits) that says `value` of each prefix. Prefixes must not overlap. */
export function mmdb(type: string, entries: Readonly<Record<string, Value>>): Buffer {
  const nodes: [number | null, number | null][] = [[null, null]];
  const data: Buffer[] = [];
  const leaves: { node: number; side: 0 | 1; offset: number }[] = [];
  let offset = 0;
  for (const [prefix, value] of Object.entries(entries)) {
    const bits = bitsOf(prefix);
    let node = 0;
    for (const bit of bits.slice(0, -1)) {
      const next = nodes[node]![bit] ?? nodes.push([null, null]) - 1;
      nodes[node]![bit] = next;
      node = next;
    }
    leaves.push({ node, side: bits.at(-1)!, offset });
    const bytes = encode(value);
    data.push(bytes);
    offset += bytes.length;
  }
  const count = nodes.length;
  const tree = Buffer.alloc(count * 6);
  nodes.forEach((sides, i) => sides.forEach((to, side) => tree.writeUIntBE(to ?? count, i * 6 + side * 3, 3)));
  for (const leaf of leaves) tree.writeUIntBE(count + 16 + leaf.offset, leaf.node * 6 + leaf.side * 3, 3);
  const metadata = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: type,
    description: { en: "made by a test" },
    ip_version: 6,
    node_count: count,
    record_size: 24,
  };
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from("\u00ab\u00cd\u00efMaxMind.com", "latin1"), encode(metadata)]);
}

/** IPv4 lies at ::/96. */
function bitsOf(prefix: string): (0 | 1)[] {
  const [address, length] = ipaddr.parseCIDR(prefix);
  const v4 = address.kind() === "ipv4";
  const bytes = v4 ? [...Array<number>(12).fill(0), ...address.toByteArray()] : address.toByteArray();
  const bits = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, i) => ((byte >> (7 - i)) & 1) as 0 | 1));
  return bits.slice(0, v4 ? 96 + length : length);
}

function encode(value: Value): Buffer {
  if (typeof value === "string") return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === "number") {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  const pairs = Object.entries(value);
  return Buffer.concat([control(7, pairs.length), ...pairs.flatMap(([key, one]) => [encode(key), encode(one)])]);
}

function control(type: number, size: number): Buffer {
  return size < 29 ? Buffer.from([(type << 5) | size]) : Buffer.from([(type << 5) | 29, size - 29]);
}
