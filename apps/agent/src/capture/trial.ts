import { type Filter, type LinkType, type TestHook, type TestResult, type TestRun, openTestRun } from "@sonde/bpf";
import { type FilePacket, readCaptureFile } from "./capture-file.ts";

/** LINKTYPE_ values (pcap-linktype(7)) the programs know: Ethernet, and those of bare IP (12 as old files have it). */
export const linkTypes: ReadonlyMap<number, LinkType> = new Map<number, LinkType>([
  [1, "ethernet"],
  [12, "raw"],
  [101, "raw"],
]);

/** Of damaged files; no hook sees such a packet. */
export const IMPOSSIBLE = { ran: false, reason: "it was shorter on the wire than what was captured of it" } as const;

export type TrialOptions = { readonly path: string; readonly hook: TestHook; readonly filters: readonly Filter[] };
/** A packet and what the kernel's programs said of it, or why it was not tried. */
export type Tried = { readonly packet: FilePacket; readonly result: TestResult | { readonly ran: false; readonly reason: string } };

/**
 * Runs the packets of a capture file through the programs, in an instance of their own; memory does not
 * grow with the file. Throws BpfError, CaptureFileError, and what the file system throws.
 */
export function* tryFile({ path, hook, filters }: TrialOptions): Generator<Tried> {
  const batches = readCaptureFile(path);
  const first = batches.next(); // before the programs are loaded, which takes its time: a wrong file is told at once
  if (first.done === true) return;
  const run = openTestRun({ filters });
  try {
    for (let next: IteratorResult<readonly FilePacket[]> = first; next.done !== true; next = batches.next())
      yield* tried(run, next.value, hook);
  } finally {
    run.close();
    batches.return(undefined);
  }
}

function* tried(run: TestRun, batch: readonly FilePacket[], hook: TestHook): Generator<Tried> {
  const type = batch[0]?.linkType ?? -1;
  const linkType = linkTypes.get(type);
  const results = linkType === undefined ? [] : run.run(batch, { hook, linkType });
  for (const [i, packet] of batch.entries()) {
    const result = results[i] ?? { ran: false, reason: `the programs know no packets of link type ${type}` };
    yield { packet, result: packet.wireLen < packet.bytes.length ? IMPOSSIBLE : result };
  }
}
