import { CodedError, recordAt } from "@sonde/protocol";
import { CaptureFile, PacketMerge, type CaptureBatch } from "../../../domain/captureFile/index.ts";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireWriter, type Call, type VerbCtx } from "../call.ts";
import { batchesBetween, captureState } from "./batches.ts";
import { FileHosts } from "./file-hosts.ts";
import { readCapture } from "./get.ts";
import { captureHosts } from "./rows.ts";

/** What is given to the client at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Batches that wait for earlier ones to be read; beyond it packets go out that are not quite in order. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** How often a capture that runs is looked at, and how late a packet may come and still be in order. */
const LOOK_MS = 500;
const HOLD_MS = 2_000;

type FileCtx = VerbCtx & Pick<Ctx, "queries" | "version">;
type FileInput = { readonly id: string; readonly follow: boolean };
export type FileAnswer = { readonly name: string; readonly contentType: string; readonly body: ReadableStream<Uint8Array> };

/**
 * A capture as pcapng, read as fast as the client takes it; reading ends when it goes. `follow`: goes on until the
 * capture has ended and all of it is in. Throws NOT_FOUND, FORBIDDEN; what fails later breaks the body off.
 */
export async function captureFile({ ctx, actor, input }: Call<FileInput, FileCtx>): Promise<FileAnswer> {
  requireWriter(actor);
  const { capture, hosts, seen } = await readCapture({ ctx, actor, input });
  const at = ctx.clock.now();
  const detail = { follow: input.follow, packets: `${hosts.reduce((sum, host) => sum + host.packets, 0n)}` };
  await ctx.db.$transaction((tx) => audit(tx, { at, actor: actorName(actor), action: "capture.download", target: input.id, detail }));

  const gone = new AbortController();
  const fileHosts = new FileHosts(ctx, input.id);
  const file = new CaptureFile({ ...capture, expression: capture.filter.expression }, fileHosts.get);
  const merge = new PacketMerge(BigInt(capture.createdAt.getTime()) * 1_000_000n);

  /** All packets before a time, a chunk at a time. */
  function* packetsBefore(time: number): Generator<Uint8Array> {
    let pieces: Uint8Array[] = [];
    let size = 0;
    for (let packet = merge.take(time); packet !== null; packet = merge.take(time)) {
      for (const piece of file.packet(packet)) {
        pieces.push(piece);
        size += piece.length;
      }
      if (size < CHUNK_BYTES) continue;
      yield Buffer.concat(pieces);
      [pieces, size] = [[], 0];
    }
    if (size > 0) yield Buffer.concat(pieces);
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield file.begin(ctx.version, hosts);
    for (let above = 0; ;) {
      const state = await captureState(ctx.queries, input.id);
      if (state === null) throw new CodedError("NOT_FOUND", "The capture was deleted");
      const last = !input.follow || state.complete;
      const held = last ? Infinity : merge.timeOf(BigInt(ctx.clock.now() - HOLD_MS) * 1_000_000n);
      for await (const page of batchesBetween(ctx.queries, { id: input.id, seen, above, upTo: state.batches })) {
        await fileHosts.read(page, ifindexesOf);
        for (const batch of page) merge.add(batch);
        // What is read next begins no earlier than the last of these.
        yield* packetsBefore(Math.min(held, merge.timeOf(page.at(-1)!.firstNs)));
        if (merge.bytes > MAX_WAITING_BYTES) yield* packetsBefore(Infinity);
      }
      above = state.batches;
      yield* packetsBefore(held);
      if (last) break;
      await pause(ctx, LOOK_MS, gone.signal);
    }
    yield Buffer.concat(file.end(await captureHosts(ctx, input.id, seen), ctx.clock.now()));
  }

  const body = streamOf(chunks(), () => gone.abort());
  return { name: fileName(capture.name, capture.createdAt), contentType: "application/x-pcapng", body };
}

function streamOf(chunks: AsyncGenerator<Uint8Array>, cancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        cancel();
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

async function pause({ clock }: Pick<VerbCtx, "clock">, ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const stop = clock.after(ms, resolve);
    signal.addEventListener("abort", () => (stop(), resolve()), { once: true });
  });
}

function ifindexesOf({ records }: CaptureBatch): Set<number> {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const seen = new Set<number>();
  for (let at = 0; at < records.byteLength; at += view.getUint16(at + recordAt.recLen, true))
    seen.add(view.getUint32(at + recordAt.ifindex, true));
  return seen;
}

/** Of letters, digits and signs that no file system and no header minds. */
function fileName(name: string, at: Date): string {
  const plain = name
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 60);
  return `sonde-${plain === "" ? "capture" : plain}-${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}`;
}
