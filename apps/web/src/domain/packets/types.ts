import type { PacketDirection } from "@sonde/pcapfile";
import type { Node } from "../dissect/tree.ts";
import type { QueryError } from "../query/types.ts";

/** An interface of the table: of a capture file, or of a host that is watched. Numbers count from 0. */
export type TableInterface = {
  readonly id: number;
  /** LINKTYPE_ number (pcap-linktype(7)). */
  readonly linkType: number;
  /** 0 when it is not limited. */
  readonly snaplen: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly filter: string | null;
  readonly comments: readonly string[];
  /** Host of a live table, or of a merged capture, whose interfaces are named host/interface; null where nothing says so. */
  readonly host: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** From its statistics block; null where the file does not say. */
  readonly received: bigint | null;
  readonly dropped: bigint | null;
  readonly osDropped: bigint | null;
};

/** One packet as the list shows it. */
export type PacketRow = {
  /** From 1, in the order of the table; packets that a live table lets go keep their numbers to themselves. */
  readonly number: number;
  /** Nanoseconds since 1970 UTC. */
  readonly timeNs: bigint;
  /** Time of the row shown before it; null of the first. */
  readonly previousNs: bigint | null;
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  /** On the wire. */
  readonly length: number;
  readonly info: string;
  /** Which colouring rule takes it, by its place in the list that was set; null for none. */
  readonly colour: number | null;
  readonly marked: boolean;
  readonly comments: readonly string[];
  readonly interfaceName: string | null;
  readonly host: string | null;
  readonly direction: PacketDirection | null;
};

export type Rows = {
  /** Place of the first row in the view, from 0. */
  readonly from: number;
  /** Rows of the view. */
  readonly total: number;
  readonly rows: readonly PacketRow[];
};

/** A packet, taken apart; the nodes' ranges are of `bytes`. */
export type PacketDetail = {
  readonly row: PacketRow;
  readonly layers: readonly Node[];
  readonly bytes: Uint8Array;
  readonly linkType: number;
  /** First packet of the table: the zero of relative times. */
  readonly zeroNs: bigint;
  /** For followStream; null where there is none. */
  readonly stream: StreamId | null;
};

/** A conversation of TCP or UDP; numbers as tcp.stream and udp.stream. */
export type StreamId = { readonly transport: "tcp" | "udp"; readonly number: number };

export const talkKinds = ["eth", "ip", "tcp", "udp"] as const;
export type TalkKind = (typeof talkKinds)[number];

export type Talker = { readonly address: string; readonly port: number | null };
/** What two ends said to each other in the view. */
export type Conversation = {
  readonly a: Talker;
  readonly b: Talker;
  readonly packetsAToB: number;
  readonly packetsBToA: number;
  /** On the wire. */
  readonly bytesAToB: number;
  readonly bytesBToA: number;
  readonly startNs: bigint;
  readonly durationNs: number;
  /** Takes exactly its packets. */
  readonly filter: string;
};
export type Endpoint = Talker & {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly filter: string;
};
/** The largest of them by bytes; `total` is how many there are. */
export type Ranked<T> = { readonly total: number; readonly rows: readonly T[] };

export type GraphSeries = {
  /** Its own filter; the first series is the view. */
  readonly filter: string;
  readonly error: QueryError | null;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
};
/** Bucket i holds the packets from startNs + i × bucketNs on. */
export type Graph = { readonly startNs: bigint; readonly bucketNs: number; readonly series: readonly GraphSeries[] };

/** A stretch of what one side said, in the order it was said. */
export type StreamPart = {
  /** 0: from the side that spoke first. */
  readonly side: 0 | 1;
  readonly bytes: Uint8Array;
  /** Bytes before it that the capture does not have. */
  readonly gap: number;
  /** Packet that brought its first byte. */
  readonly number: number;
  readonly timeNs: bigint;
};
export type Stream = {
  readonly id: StreamId;
  readonly sides: readonly [Talker, Talker];
  readonly parts: readonly StreamPart[];
  /** The stream is longer than what is shown. */
  readonly cut: boolean;
  readonly packets: number;
  readonly filter: string;
};

export type Find =
  | { readonly by: "hex"; readonly value: string }
  /** In the packet's bytes, as UTF-8. */
  | { readonly by: "text"; readonly value: string; readonly matchCase: boolean }
  | { readonly by: "regex"; readonly value: string }
  | { readonly by: "filter"; readonly value: string };
export type Found = { readonly ok: true; readonly number: number | null } | { readonly ok: false; readonly error: QueryError };

export type FilterResult = { readonly ok: true; readonly count: number } | { readonly ok: false; readonly error: QueryError };

/** A rule of the list's colours. */
export type ColourRule = { readonly name: string; readonly filter: string };
