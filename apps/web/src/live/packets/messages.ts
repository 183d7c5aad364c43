import type {
  ColourRule,
  Conversation,
  Endpoint,
  FilterResult,
  Find,
  Found,
  Graph,
  PacketDetail,
  Ranked,
  Rows,
  Stream,
  StreamId,
  TableInterface,
  TalkKind,
} from "../../domain/packets/types.ts";
import type { QueryError } from "../../domain/query/types.ts";

/** What is asked of the worker that holds the packets, by name: what goes in and what comes back. */
export type Operations = {
  /** Replaces the table by a file's packets; answers when it is read. A damaged end is no failure: see TableState.error. */
  readonly openFile: { in: { file: Blob; name: string }; out: null };
  /** The same of a pcapng stream that may grow; answers when it has ended. */
  readonly openUrl: { in: { url: string; name: string }; out: null };
  /** Replaces the table by an empty one that holds the last `rows` packets. */
  readonly beginLive: { in: { rows: number; name: string }; out: null };
  /** A record batch (SPEC 2) of a host; the buffer is transferred. */
  readonly append: { in: { host: LiveHost; batch: ArrayBuffer }; out: null };
  /** Stops reading: what is there stays. */
  readonly cancel: { in: null; out: null };
  /** Lets everything go. */
  readonly clear: { in: null; out: null };

  /** Sets the view. A later filter ends an earlier one, whose answer is then the count so far. */
  readonly filter: { in: { text: string }; out: FilterResult };
  /** Rows of the view, `from` its start; fewer at its end. At most 1,000. */
  readonly rows: { in: { from: number; count: number }; out: Rows };
  /** Where in the view a packet is, or else the next one behind it; null when there is none. */
  readonly placeOf: { in: { number: number }; out: { place: number; number: number } | null };
  readonly detail: { in: { number: number }; out: PacketDetail | null };
  /** The rules of PacketRow.colour, the first that takes a packet wins; answers with what is wrong with each. */
  readonly setColours: { in: { rules: readonly ColourRule[] }; out: readonly (QueryError | null)[] };

  readonly conversations: { in: { kind: TalkKind }; out: Ranked<Conversation> };
  readonly endpoints: { in: { kind: TalkKind }; out: Ranked<Endpoint> };
  /** The view, and up to three more filters over the table, in so many buckets; the whole time of the table unless said. */
  readonly graph: { in: { buckets: number; filters: readonly string[]; fromNs: bigint | null; toNs: bigint | null }; out: Graph };
  /** What a conversation said, at most 4 MiB; null when there is none of that number. */
  readonly followStream: { in: { id: StreamId }; out: Stream | null };
  /** The next packet of the view before or behind this number that has it; around the end once. */
  readonly find: { in: { what: Find; from: number; backwards: boolean }; out: Found };

  readonly mark: { in: { numbers: readonly number[]; on: boolean }; out: null };
  /** Replaces a packet's comments; an empty text takes them away. */
  readonly comment: { in: { number: number; text: string }; out: null };
  /** The next marked packet of the view; null when there is none. */
  readonly nextMark: { in: { from: number; backwards: boolean }; out: number | null };
  /** A pcapng file with interfaces and comments. */
  readonly save: { in: { what: "view" | "marked" | "all" }; out: Blob };
};
export type OperationName = keyof Operations;
export type Request<K extends OperationName> = { readonly id: number; readonly name: K; readonly input: Operations[K]["in"] };
/** Any request, for the worker's switch. */
export type AnyRequest = { [K in OperationName]: Request<K> }[OperationName];

/** `code`: FAILED, or what the hub answered to a URL. */
export type Failure = { readonly code: string; readonly message: string };
export type Response<K extends OperationName> =
  | { readonly id: number; readonly ok: true; readonly output: Operations[K]["out"] }
  | { readonly id: number; readonly ok: false; readonly error: Failure };

/** Who sent a batch; `offsetNs` is what its boot clock lacks to the time since 1970. */
export type LiveHost = {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names by ifindex. */
  readonly interfaces: ReadonlyMap<number, string>;
  readonly offsetNs: bigint;
};

/** Told by the worker of itself, at most ten times a second. */
export type TableState = {
  readonly phase: "empty" | "loading" | "live" | "done" | "cancelled" | "failed";
  /** The file's, or what beginLive was given. */
  readonly name: string;
  /** Bytes read, and of a file how many there are. */
  readonly bytes: number;
  readonly totalBytes: number | null;
  /** Packets held: numbers firstNumber … firstNumber + packets − 1. */
  readonly packets: number;
  readonly firstNumber: number;
  /** Packets of the view, so far. */
  readonly shown: number;
  /** The filter in force. */
  readonly filter: string;
  /** Packets that it has not looked at yet. */
  readonly unfiltered: number;
  /** Why it failed, or where the file is damaged: what stands before that place is there. */
  readonly error: Failure | null;
  readonly interfaces: readonly TableInterface[];
  /** Of the file's sections. */
  readonly comments: readonly string[];
  /** Of the first and the last packet in time; null without packets. */
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
  /** Grows whenever rows that were read before may have changed. */
  readonly revision: number;
};
export type WorkerMessage = { readonly state: TableState } | Response<OperationName>;
