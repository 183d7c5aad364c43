/** The TCP segment of a packet, as the analysis takes it: of what was taken apart without it. */
import type { Node } from "../../../apps/web/src/domain/dissect/tree.ts";
import { type Segment, UNKNOWN_LENGTH, UNKNOWN_SCALE } from "../../../apps/web/src/domain/dissect/tcp/segment.ts";

/** Numbers the two ends of conversations. */
export class Segments {
  readonly #pairs = new Map<string, number>();

  /** Of the innermost TCP header that is no quotation; null where there is none that is whole. */
  of(layers: readonly Node[], seconds: number): Segment | null {
    const quoting = layers.findIndex(({ field }) => field.name === "icmp" || field.name === "icmpv6");
    const own = quoting < 0 ? layers : layers.slice(0, quoting);
    const at = own.findLastIndex(({ field }) => field.name === "tcp");
    const tcp = own[at];
    const ip = own.slice(0, Math.max(0, at)).findLast(({ field }) => field.name === "ip" || field.name === "ipv6");
    if (tcp === undefined || ip === undefined) return null;
    const window = valueOf(tcp, "tcp.window_size_value");
    if (window === null && valueOf(tcp, "tcp.hdr_len") === null) return null;
    const [source, destination] = [endOf(ip, tcp, "src"), endOf(ip, tcp, "dst")];
    return {
      pair: this.#pair([source, destination].toSorted().join(" ")),
      forward: source <= destination,
      seq: valueOf(tcp, "tcp.seq_raw") ?? 0,
      ack: valueOf(tcp, "tcp.ack_raw") ?? 0,
      flags: valueOf(tcp, "tcp.flags") ?? 0,
      window: window ?? 0,
      length: window === null ? UNKNOWN_LENGTH : (valueOf(tcp, "tcp.len") ?? UNKNOWN_LENGTH),
      seconds,
      scale: valueOf(tcp, "tcp.options.wscale.shift") ?? UNKNOWN_SCALE,
    };
  }

  #pair(name: string): number {
    const number = this.#pairs.get(name) ?? this.#pairs.size;
    this.#pairs.set(name, number);
    return number;
  }
}

function endOf(ip: Node, tcp: Node, end: "src" | "dst"): string {
  const value = find(ip, `${ip.field.name}.${end}`)?.value;
  const address = value instanceof Uint8Array ? Buffer.from(value).toString("hex") : "";
  return `${address} ${valueOf(tcp, `tcp.${end}port`) ?? 0}`;
}

function find(node: Node, name: string): Node | null {
  for (const child of node.children) {
    const found = child.field.name === name ? child : find(child, name);
    if (found !== null) return found;
  }
  return null;
}

function valueOf(node: Node, name: string): number | null {
  const value = find(node, name)?.value;
  return typeof value === "number" ? value : null;
}
