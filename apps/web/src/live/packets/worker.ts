import { FileReaders } from "./fileReader.ts";
import type { AnyRequest } from "./messages.ts";
import { PacketSession } from "./session.ts";

/* The worker that holds the packets: what it does is in session.ts. */

/** Lets messages in that wait; setTimeout would take 4 ms each time. */
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.addEventListener("message", () => waiting.shift()?.());
channel.port1.start();
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const files = new FileReaders(new Worker(new URL("./fileWorker.ts", import.meta.url), { type: "module", name: "packet file" }));
const session = new PacketSession({
  post: (message) => postMessage(message),
  turn,
  read: files.read,
  now: () => performance.now(),
  later,
});
addEventListener("message", ({ data }: MessageEvent<AnyRequest>) => void session.take(data));
