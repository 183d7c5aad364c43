import { LIVE_NAMESPACE, LIVE_PATH } from "@sonde/protocol";
import { io } from "socket.io-client";
import type { FeedSocket } from "./liveFeed.ts";

/** How long the hub may take to acknowledge a watch. */
const ACK_MS = 10_000;

/**
 * A socket to the hub at `origin` ("" is the page's own): WebSocket only, capped backoff with jitter;
 * not yet connected (SPEC 7).
 */
export function openLiveSocket(origin = ""): FeedSocket {
  const socket = io(`${origin}${LIVE_NAMESPACE}`, {
    path: LIVE_PATH,
    transports: ["websocket"],
    autoConnect: false,
    forceNew: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 10_000,
    randomizationFactor: 0.5,
  });
  return {
    get active() {
      return socket.active;
    },
    connect: () => socket.connect(),
    disconnect: () => socket.disconnect(),
    on: (event, listener) => socket.on(event, listener as (...args: unknown[]) => void),
    emit: (event, message, ack) => socket.timeout(ACK_MS).emit(event, message, ack),
  };
}
