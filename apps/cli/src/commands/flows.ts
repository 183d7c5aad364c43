import { flowListSchema, type Flow, type FlowList } from "@sonde/protocol/rest";
import { print, sayOf, withHub, type Io } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { Client } from "../hub/client.ts";
import { type Column, type Format } from "../output/rows.ts";
import { safeText } from "../output/text.ts";
import { pointing, rangeOf, type Range, type RangeFlags } from "./range.ts";

export type FlowsFlags = RangeFlags & { readonly limit: number; readonly all?: boolean; readonly output: Format };

const PAGE = 1000;
const names: Readonly<Record<number, string>> = {
  1: "icmp",
  2: "igmp",
  6: "tcp",
  17: "udp",
  47: "gre",
  50: "esp",
  58: "icmpv6",
  132: "sctp",
};

const columns: readonly Column<Flow>[] = [
  { head: "time", of: (flow) => flow.at },
  { head: "host", of: (flow) => flow.host },
  { head: "interface", of: (flow) => flow.interface },
  { head: "dir", of: (flow) => flow.direction },
  { head: "proto", of: (flow) => names[flow.protocol] ?? String(flow.protocol) },
  { head: "source", of: (flow) => flow.sourceAddress },
  { head: "sport", of: (flow) => flow.sourcePort, right: true },
  { head: "destination", of: (flow) => flow.destinationAddress },
  { head: "dport", of: (flow) => flow.destinationPort, right: true },
  { head: "packets", of: (flow) => flow.packets, right: true },
  { head: "bytes", of: (flow) => flow.bytes, right: true },
  { head: "verdict", of: (flow) => flow.verdict },
];

/** `sonde flows`: flow records, newest first; `--all` streams them as the hub reads them. */
export async function flows(flags: FlowsFlags, io: Io): Promise<void> {
  const range = rangeOf(flags, io);
  const { output } = flags;
  if (flags.all === true && output !== "csv" && output !== "ndjson")
    throw new UsageError("--all wants -o ndjson or -o csv: it is not kept in memory");
  await withHub(io, async (client) => {
    if (flags.all === true) return streamAll(client, { ...range, format: output }, io);
    const found: Flow[] = [];
    for await (const items of pages(client, range, flags.limit, io)) found.push(...items);
    await print(io, found, columns, output);
  });
}

/** Pages until there are `limit` records or no more; a search that the hub stopped goes on from where it came. */
async function* pages(client: Client, range: Range, limit: number, io: Io): AsyncGenerator<Flow[]> {
  let left = limit;
  for (let cursor: string | undefined; left > 0;) {
    const query = { ...range, limit: Math.min(left, PAGE), cursor };
    const page: FlowList = await pointing(range.filter, client.get("/flows", flowListSchema, query));
    yield page.items;
    left -= page.items.length;
    if (page.nextCursor === null) return;
    if (page.stopped) sayOf(io, `searched back to ${page.stopped.reached} so far`);
    cursor = page.nextCursor;
  }
}

async function streamAll(client: Client, query: Range & { readonly format: string }, io: Io): Promise<void> {
  const bytes = await pointing(query.filter, client.stream("/flows/export", query));
  const decoder = new TextDecoder();
  for await (const chunk of bytes) await io.out(harmless(decoder.decode(chunk, { stream: true })));
  await io.out(harmless(decoder.decode()));
}

/** Ends of lines stay, everything else that could move a terminal's cursor goes. */
const harmless = (text: string): string => text.replace(/[^\r\n]+/g, safeText);
