import { Has } from "./headerIndex.ts";
import type { PacketTable } from "./table.ts";
import { someNode } from "./values.ts";

/** What two ends are told apart by. */
export type EndKind = "eth" | "ip" | "tcp" | "udp";
/** Address of either end (4 words), its ports (in one word) and the family, above which Segments puts a vantage: the lower end first. */
export const PAIR_WORDS = 10;
/** Address, port and family of one end. */
export const END_WORDS = 6;

export const FAMILY_ETHERNET = 0;
export const FAMILY_IPV4 = 4;
export const FAMILY_IPV6 = 6;

type Place = { readonly view: DataView; readonly at: number; readonly has: number; readonly network: number; readonly transport: number };

/** Which bit of `Has` a kind asks for; IPv4 and IPv6 are one kind. */
const wanted: Readonly<Record<EndKind, number>> = {
  eth: Has.ethernet,
  ip: Has.ip | Has.ipv6,
  tcp: Has.tcp,
  udp: Has.udp,
};

/** Reads who speaks to whom, of a packet that has the kind. */
export class Ends {
  /** Lower end first, whichever spoke. */
  readonly pair = new Uint32Array(PAIR_WORDS);
  readonly source = new Uint32Array(END_WORDS);
  readonly destination = new Uint32Array(END_WORDS);
  /** The lower end is the source. */
  forwards = true;

  /** False where the packet has no such ends. Of tunnels the outermost. */
  readRow(kind: EndKind, table: PacketTable, row: number): boolean {
    const { columns, store } = table;
    const has = columns.has[row] ?? 0;
    if ((has & Has.unsure) !== 0) return this.#readTree(kind, table, row);
    if ((has & wanted[kind]) === 0) return false;
    const [network, transport] = [columns.network[row] ?? 0, columns.transport[row] ?? 0];
    this.read(kind, { view: store.view(columns.chunk[row] ?? 0), at: columns.offset[row] ?? 0, has, network, transport });
    return true;
  }

  #readTree(kind: EndKind, table: PacketTable, row: number): boolean {
    const { layers } = table.dissect(row);
    const isEther = kind === "eth";
    let family = FAMILY_ETHERNET;
    const address = (into: Uint32Array, names: readonly string[]): boolean =>
      someNode(layers, names, ({ value }) => {
        if (!(value instanceof Uint8Array)) return false;
        family = isEther ? FAMILY_ETHERNET : value.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
        into.fill(0);
        const view = new DataView(value.buffer, value.byteOffset, value.length);
        if (isEther) readMac(view, 0, into);
        else for (let i = 0; i * 4 < value.length; i++) into[i] = view.getUint32(i * 4);
        return true;
      });
    const port = (into: Uint32Array, name: string): boolean => someNode(layers, [name], ({ value }) => (into[4] = Number(value)) >= 0);
    const found =
      address(this.source, isEther ? ["eth.src"] : ["ip.src", "ipv6.src"]) &&
      address(this.destination, isEther ? ["eth.dst"] : ["ip.dst", "ipv6.dst"]) &&
      ((kind !== "tcp" && kind !== "udp") || (port(this.source, `${kind}.srcport`) && port(this.destination, `${kind}.dstport`)));
    this.source[5] = this.destination[5] = family;
    this.#join(family);
    return found;
  }

  read(kind: EndKind, place: Place): void {
    const { view, at, has, network, transport } = place;
    const family = kind === "eth" ? FAMILY_ETHERNET : (has & Has.ip) !== 0 ? FAMILY_IPV4 : FAMILY_IPV6;
    const { source, destination } = this;
    if (family === FAMILY_ETHERNET) {
      readMac(view, at + 6, source);
      readMac(view, at, destination);
    } else {
      const words = family === FAMILY_IPV4 ? 1 : 4;
      const from = at + network + (family === FAMILY_IPV4 ? 12 : 8);
      for (let i = 0; i < 4; i++) {
        source[i] = i < words ? view.getUint32(from + i * 4) : 0;
        destination[i] = i < words ? view.getUint32(from + (words + i) * 4) : 0;
      }
    }
    const hasPorts = kind === "tcp" || kind === "udp";
    source[4] = hasPorts ? view.getUint16(at + transport) : 0;
    destination[4] = hasPorts ? view.getUint16(at + transport + 2) : 0;
    source[5] = destination[5] = family;
    this.#join(family);
  }

  #join(family: number): void {
    this.forwards = isBefore(this.source, this.destination);
    const [low, high] = this.forwards ? [this.source, this.destination] : [this.destination, this.source];
    for (let i = 0; i < 4; i++) {
      this.pair[i] = low[i] ?? 0;
      this.pair[4 + i] = high[i] ?? 0;
    }
    this.pair[8] = ((low[4] ?? 0) << 16) | (high[4] ?? 0);
    this.pair[9] = family;
  }
}

function readMac(view: DataView, at: number, end: Uint32Array): void {
  end[0] = view.getUint32(at);
  end[1] = view.getUint16(at + 4);
  end[2] = end[3] = 0;
}

function isBefore(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < 5; i++) if (a[i] !== b[i]) return (a[i] ?? 0) < (b[i] ?? 0);
  return true;
}
