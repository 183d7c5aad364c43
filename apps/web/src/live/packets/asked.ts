import { finder } from "../../domain/packets/find.ts";
import { packetFields } from "../../domain/packets/fields.ts";
import { Histogram, type Buckets } from "../../domain/packets/graph.ts";
import { packetPredicate } from "../../domain/packets/predicate.ts";
import { savedParts } from "../../domain/packets/save.ts";
import { StreamReader } from "../../domain/packets/stream.ts";
import { Talks } from "../../domain/packets/talks.ts";
import type { Conversation, Endpoint, Found, Graph, GraphSeries, Ranked, Stream, StreamId } from "../../domain/packets/types.ts";
import { parseWith } from "../../domain/query/index.ts";
import type { Contents } from "./contents.ts";
import type { Operations, Request } from "./messages.ts";

/** Lets messages in when `until` is past; says when it will be asked for the next time. */
type Slice = (until: number) => Promise<number>;
/** What reads the whole view or table, and changes nothing. */
export type Question = {
  [K in "placeOf" | "conversations" | "endpoints" | "graph" | "followStream" | "find" | "nextMark" | "save"]: Request<K>;
}["placeOf" | "conversations" | "endpoints" | "graph" | "followStream" | "find" | "nextMark" | "save"];
type Asked = { readonly contents: Contents; readonly slice: Slice };

/** Rows between two looks at the clock. */
const STRIDE = 256;
/** Widest and most of what a graph is asked for. */
const MAX_BUCKETS = 10_000;
const MAX_FILTERS = 3;

/** Answers a question a slice at a time. */
export function ask(
  request: Question,
  contents: Contents,
  slice: Slice,
): Operations[Question["name"]]["out"] | Promise<Operations[Question["name"]]["out"]> {
  const asked = { contents, slice };
  switch (request.name) {
    case "placeOf":
      return placeOf(contents, request.input.number);
    case "conversations":
      return talks(asked, request.input.kind, (found) => found.conversations());
    case "endpoints":
      return talks(asked, request.input.kind, (found) => found.endpoints());
    case "graph":
      return graph(asked, request.input);
    case "followStream":
      return follow(asked, request.input.id);
    case "find":
      return find(asked, request.input);
    case "nextMark":
      return search(asked, { ...request.input, takes: (row) => contents.table.marked(row) });
    case "save":
      return save(asked, request.input.what);
  }
}

function placeOf({ table, view }: Contents, number: number): Operations["placeOf"]["out"] {
  const place = view.placeOf(Math.max(0, number - table.firstNumber));
  const row = view.at(place);
  return row === null ? null : { place, number: table.firstNumber + row };
}

/** Visits the rows of the view, or of the table. */
async function each({ contents: { table, view }, slice }: Asked, of: "view" | "table", visit: (row: number) => void): Promise<void> {
  let until = await slice(0);
  const length = (): number => (of === "view" ? view.length : table.length);
  for (let place = 0; place < length(); place++) {
    const row = of === "view" ? view.at(place) : place;
    if (row !== null) visit(row);
    if (place % STRIDE === STRIDE - 1) until = await slice(until);
  }
}

async function talks<T extends Ranked<Conversation> | Ranked<Endpoint>>(
  asked: Asked,
  kind: Request<"endpoints">["input"]["kind"],
  answer: (talks: Talks) => T,
): Promise<T> {
  const found = new Talks(asked.contents.table, kind);
  await each(asked, "view", (row) => found.add(row));
  return answer(found);
}

async function graph(asked: Asked, { buckets, filters, fromNs, toNs }: Operations["graph"]["in"]): Promise<Graph> {
  const { table } = asked.contents;
  const span = table.timeSpan;
  if (span === null) return { startNs: 0n, bucketNs: 1, series: [] };
  const [startNs, endNs] = [fromNs ?? table.timeNs(span.first), toNs ?? table.timeNs(span.last) + 1n];
  const count = Math.max(1, Math.min(MAX_BUCKETS, Math.floor(buckets)));
  const bucketNs = Math.max(1, Math.ceil(Number(endNs - startNs) / count));
  const where = { from: Number(startNs - table.timeNs(0)) / 1e9, width: bucketNs / 1e9, count };
  const series = [await viewSeries(asked, where)];
  for (const filter of filters.slice(0, MAX_FILTERS)) series.push(await filterSeries(asked, where, filter));
  return { startNs, bucketNs, series };
}

async function viewSeries(asked: Asked, where: Buckets): Promise<GraphSeries> {
  const histogram = new Histogram(asked.contents.table, where);
  await each(asked, "view", (row) => histogram.add(row));
  return { filter: "", error: null, packets: histogram.packets, bytes: histogram.bytes };
}

async function filterSeries(asked: Asked, where: Buckets, filter: string): Promise<GraphSeries> {
  const { table } = asked.contents;
  const histogram = new Histogram(table, where);
  const { packets, bytes } = histogram;
  const parsed = parseWith(filter, packetFields);
  if (!parsed.ok) return { filter, error: parsed.error, packets, bytes };
  const takes = packetPredicate(parsed.query, table);
  await each(asked, "table", (row) => {
    if (takes(row)) histogram.add(row);
  });
  return { filter, error: null, packets, bytes };
}

async function follow(asked: Asked, id: StreamId): Promise<Stream | null> {
  const reader = new StreamReader(asked.contents.table, id);
  await each(asked, "table", (row) => reader.add(row));
  return reader.end();
}

async function find(asked: Asked, { what, from, backwards }: Operations["find"]["in"]): Promise<Found> {
  const finding = finder(what, asked.contents.table);
  if (!finding.ok) return finding;
  return { ok: true, number: await search(asked, { from, backwards, takes: finding.takes }) };
}

type Search = { readonly from: number; readonly backwards: boolean; readonly takes: (row: number) => boolean };

/** The next row of the view from a packet on, round the end once; the packet itself comes last. */
async function search({ contents: { table, view }, slice }: Asked, { from, backwards, takes }: Search): Promise<number | null> {
  const { length } = view;
  const row = from - table.firstNumber;
  const start = view.placeOf(Math.max(0, row));
  const isThere = view.at(start) === row;
  let place = backwards ? start - 1 : isThere ? start + 1 : start;
  let until = await slice(0);
  for (let n = 0; n < length; n++, place += backwards ? -1 : 1) {
    const found = view.at(((place % length) + length) % length);
    if (found !== null && takes(found)) return table.firstNumber + found;
    if (n % STRIDE === STRIDE - 1) until = await slice(until);
  }
  return null;
}

async function save(asked: Asked, what: Operations["save"]["in"]["what"]): Promise<Blob> {
  const { table } = asked.contents;
  const rows: number[] = [];
  await each(asked, what === "view" ? "view" : "table", (row) => {
    if (what !== "marked" || table.marked(row)) rows.push(row);
  });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let until = 0;
  for (const part of savedParts(table, rows)) {
    parts.push(part);
    until = await asked.slice(until);
  }
  return new Blob(parts, { type: "application/x-pcapng" });
}
