import { captureDetailSchema, type CaptureDetail, type CreateCaptureRequest } from "@sonde/protocol/rest";
import { sayOf, withHub, type Io } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { Client } from "../hub/client.ts";
import { openSink, SinkGone, type Sink } from "../output/sink.ts";
import { parseSize } from "../output/sizes.ts";
import { parseSpan } from "../output/times.ts";
import { Progress } from "./capture-progress.ts";
import { summaryLines } from "./capture-words.ts";
import { pointing } from "./range.ts";
import { hostsOf, type HostFlags } from "./selector.ts";

export type CaptureFlags = HostFlags & {
  readonly snaplen?: number;
  readonly reason?: string;
  readonly count?: number;
  readonly duration: string;
  readonly size: string;
  readonly name?: string;
  readonly write?: string;
};

const HOW =
  "-w FILE writes pcapng, -w - pipes it: sonde capture … -w - | wireshark -k -i -   or   … -w - | tshark -r -   or   … -w - | tcpdump -r -";

/** `sonde capture`: begins one on the hosts, and writes its file while it grows. Exit status 1 where no host took part. */
export async function capture(words: readonly string[], flags: CaptureFlags, io: Io): Promise<void> {
  if (flags.write === undefined) throw new UsageError(`say where the packets go: ${HOW}`);
  const seconds = secondsOf(flags.duration);
  const expression = words.join(" ");
  const maxBytes = parseSize(flags.size);
  const { write } = flags;
  await withHub(io, async (client) => {
    const request: CreateCaptureRequest = {
      expression,
      hosts: await hostsOf(flags, client),
      seconds,
      maxBytes,
      ...(flags.snaplen === undefined ? {} : { snaplen: flags.snaplen }),
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      ...(flags.count === undefined ? {} : { maxPackets: flags.count }),
      ...(flags.name === undefined ? {} : { name: flags.name }),
    };
    const sink = openSink(write, io.takeOutput); // before anything is asked of the hosts
    const made = await pointing(expression, client.post("/captures", captureDetailSchema, request));
    sayOf(io, `capture ${made.id}, ${made.hosts.length} host${made.hosts.length === 1 ? "" : "s"}; Ctrl+C ends it`);
    const ended = await follow(made, { client, io, sink });
    for (const line of summaryLines(ended, sink.name)) sayOf(io, line);
    if (ended.hosts.every(({ state }) => state === "refused" || state === "offline"))
      throw new CommandError("no host took part: there is nothing in the file");
  });
}

type Following = { readonly client: Client; readonly io: Io; readonly sink: Sink };

/** Writes the file until the capture has ended and all of it is in; however this ends, no capture goes on for nobody. */
async function follow(made: CaptureDetail, { client, io, sink }: Following): Promise<CaptureDetail> {
  const path = `/captures/${made.id}`;
  const stop = (): Promise<unknown> => client.post(`${path}/stop`, captureDetailSchema, {});
  const ignore = io.onInterrupt(() => {
    io.say("ending it; what was captured is still coming (Ctrl+C again: leave at once)");
    void stop().catch((error: unknown) => sayOf(io, `it could not be ended: ${String(error)}; it ends by itself at its limits`));
  });
  const progress = new Progress({ io, read: () => client.get(path, captureDetailSchema) });
  progress.start(made);
  try {
    await copy(await client.stream(`${path}/file`, { follow: "true" }), sink);
    return await client.get(path, captureDetailSchema);
  } catch (error) {
    if (!(error instanceof SinkGone)) {
      sayOf(io, `the hosts end it at its limits; then sonde captures download ${made.id} -w FILE writes all of it`);
      throw error;
    }
    const ended = await stop().then(
      () => "the capture was ended",
      () => "it ends by itself at its limits",
    );
    throw new CommandError(`${error.message}; ${ended}, and sonde captures download ${made.id} -w FILE writes what was captured`);
  } finally {
    progress.stop();
    ignore();
  }
}

/** All bytes, no faster than the sink takes them. Rejects with SinkGone, and CommandError when the hub breaks off. */
export async function copy(bytes: AsyncIterable<Buffer>, sink: Sink): Promise<void> {
  try {
    for await (const chunk of bytes) await sink.write(chunk);
  } catch (error) {
    if (error instanceof SinkGone) throw error;
    await sink.end().catch(() => undefined);
    throw new CommandError(`the hub broke off behind ${sink.bytes} bytes: ${error instanceof Error ? error.message : String(error)}`);
  }
  await sink.end();
}

function secondsOf(text: string): number {
  const ms = parseSpan(text);
  if (ms === null) throw new UsageError(`--duration wants a span like 30s, 5m or 1h, not ${JSON.stringify(text.slice(0, 100))}`);
  return ms / 1000;
}
