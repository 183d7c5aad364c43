import { captureDetailSchema, captureListSchema, type Capture } from "@sonde/protocol/rest";
import { print, sayOf, withHub, type Io } from "../context.ts";
import { UsageError } from "../errors.ts";
import { openSink } from "../output/sink.ts";
import type { Column, Format } from "../output/rows.ts";
import { formatSize } from "../output/sizes.ts";
import { ago } from "../output/times.ts";
import { copy } from "./capture.ts";
import { hostWords, summaryLines } from "./capture-words.ts";

const PAGE = 100;

export type ListFlags = { readonly output: Format; readonly limit: number };

/** `sonde captures list`: the newest first. */
export async function listCaptures(flags: ListFlags, io: Io): Promise<void> {
  const found = await withHub(io, async (client) => {
    const items: Capture[] = [];
    for (let cursor: string | undefined; items.length < flags.limit;) {
      const page = await client.get("/captures", captureListSchema, { limit: Math.min(PAGE, flags.limit - items.length), cursor });
      items.push(...page.items);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    return items;
  });
  const exact = flags.output !== "table";
  const columns: Column<Capture>[] = [
    { head: "name", of: (one) => one.name },
    { head: "began", of: (one) => (exact ? one.createdAt : ago(one.createdAt, io.now())) },
    { head: "state", of: (one) => one.endReason ?? (one.endedAt === null ? "running" : "ended") },
    { head: "hosts", of: (one) => Object.values(one.states).reduce((sum, count) => sum + count, 0), right: true },
    { head: "packets", of: (one) => one.packets, right: true },
    { head: "bytes", of: (one) => (exact ? one.bytes : formatSize(Number(one.bytes))), right: true },
    { head: "lost", of: (one) => one.lost, right: true },
    { head: "by", of: (one) => one.createdBy },
    { head: "id", of: (one) => one.id },
  ];
  await print(io, found, columns, flags.output);
}

/** `sonde captures stop`: ends one before its time. */
export async function stopCapture(id: string, io: Io): Promise<void> {
  const ended = await withHub(io, (client) => client.post(`/captures/${idOf(id)}/stop`, captureDetailSchema, {}));
  for (const host of ended.hosts) sayOf(io, `${host.name}: ${hostWords(host)}`);
}

/** `sonde captures rm`: deletes one and its packets. */
export async function removeCapture(id: string, io: Io): Promise<void> {
  await withHub(io, (client) => client.delete(`/captures/${idOf(id)}`));
  io.say(`Removed ${id}`);
}

/** `sonde captures download`: what there is now; of a running one with `follow` all that comes. */
export async function downloadCapture(id: string, flags: { readonly write: string; readonly follow?: boolean }, io: Io): Promise<void> {
  const path = `/captures/${idOf(id)}`;
  await withHub(io, async (client) => {
    await client.get(path, captureDetailSchema); // before a file is made for what is not there
    const sink = openSink(flags.write, io.takeOutput);
    await copy(await client.stream(`${path}/file`, { follow: flags.follow === true ? "true" : "false" }), sink);
    for (const line of summaryLines(await client.get(path, captureDetailSchema), sink.name)) sayOf(io, line);
  });
}

function idOf(id: string): string {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new UsageError("name the capture by its id, as sonde captures list shows it");
  return id;
}
