import { LIVE_NAMESPACE, LIVE_PATH, headerAt, viewOf } from "@sonde/protocol";
import { io } from "socket.io-client";
import { bootNow } from "../../support/sim-agent.ts";

/** A browser's socket that watches one host: ms from each batch's `lastNs`, when its agent sent it, to its arrival here. */
export async function watchDelays(
  url: string,
  cookie: string,
  hostId: string,
): Promise<{ readonly delays: readonly number[]; readonly stop: () => void }> {
  const socket = io(url + LIVE_NAMESPACE, {
    path: LIVE_PATH,
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    extraHeaders: { cookie, origin: url },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  const ack: { ok: boolean } = await socket.timeout(10_000).emitWithAck("message", { type: "watch", hostId });
  if (!ack.ok) throw new Error(`the hub refused to let a browser watch: ${JSON.stringify(ack)}`);
  const delays: number[] = [];
  socket.on("batch", (_hostId: string, bytes: ArrayBuffer | Uint8Array) => {
    delays.push(Number(bootNow() - viewOf(bytes).getBigUint64(headerAt.lastNs, true)) / 1e6);
  });
  return { delays, stop: () => void socket.disconnect() };
}
