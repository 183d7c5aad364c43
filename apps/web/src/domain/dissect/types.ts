import type { Cursor } from "./cursor.ts";
import type { FieldDef } from "./fields.ts";
import type { Node } from "./tree.ts";

/** What is known of a packet beside its bytes. */
export type Packet = {
  /** The captured bytes; may share memory with others. */
  readonly bytes: Uint8Array;
  readonly wireLen: number;
  /** LINKTYPE_ number (pcap-linktype(7)): those of `linkTypes` in index.ts; others show as bytes. */
  readonly linkType: number;
  /** What was worked out of the packets before it; null where only this one is known. */
  readonly facts: StreamFacts | null;
};

/** Of a TCP segment within its conversation; numbers as Wireshark's fields of the same name. */
export type StreamFacts = {
  readonly stream: number;
  /** Relative; of a fragment as it stands. */
  readonly seq: number;
  readonly ack: number;
  /** -1 of a fragment. */
  readonly nextSeq: number;
  /** Scaled where the scale is known, else as it stands. */
  readonly window: number;
  /** What the window was multiplied with; -1 unknown, -2 no scaling, as tcp.window_size_scalefactor. */
  readonly scale: number;
  /** The how-manieth duplicate ACK this is; 0: none. */
  readonly duplicateAck: number;
  /** Bits of analysisFlags (tcp/analysis.ts). */
  readonly analysis: number;
};

/** What the innermost IP header says to the checksums behind it. */
export type Network = {
  readonly version: 4 | 6;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** A part of a datagram: what is behind it can not be summed up. */
  readonly fragment: boolean;
};

/** Which dissector follows, by the numbers that protocols name each other with; null where none is known. */
export type Tables = {
  etherType(value: number): Dissector | null;
  ipProtocol(value: number): Dissector | null;
  /** By the ports in the context and by how the payload begins; "data" at last. */
  payload(transport: "tcp" | "udp", cursor: Cursor, context: Context): Dissector;
  readonly data: Dissector;
};

/** What dissectors learn on their way in and later ones ask: the innermost layer that says so wins. */
export type Context = {
  readonly packet: Packet;
  readonly tables: Tables;
  /** Where the innermost Ethernet frame begins. */
  frameAt: number;
  network: Network | null;
  /** What is read is a packet that an ICMP error quotes: it says nothing to the list, and no checksum is held against it. */
  quoted: boolean;
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  /** As the list shows it: the innermost protocol that was recognised, "DNS". */
  protocol: string;
  /** One line on what the packet says. */
  info: string;
};

/** What follows a layer: a dissector and the bytes it gets. Past `end` it may not read; `wireEnd` is where they would end. */
export type Next = { readonly dissector: Dissector; readonly at: number; readonly end: number; readonly wireEnd: number };

/**
 * One protocol. `read` adds the layer's fields and says what follows, null for nothing. It may throw only by its
 * cursor; what it added before stays in the tree.
 */
export type Dissector = {
  readonly layer: FieldDef;
  /** All fields it may add, for completion and for the display filter. */
  readonly fields: readonly FieldDef[];
  read(cursor: Cursor, layer: Node, context: Context): Next | null;
  /** Reads what lies behind the payload where that turned out shorter than it was given; the cursor is there. */
  behind?(cursor: Cursor, context: Context): void;
};

/** A packet, taken apart. */
export type Dissection = {
  readonly layers: readonly Node[];
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  readonly info: string;
};
