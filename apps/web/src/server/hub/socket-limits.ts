import type { ErrorCode } from "@sonde/protocol";
import type { Server } from "socket.io";
import type { Clock } from "../clock.ts";

/** Sockets that have not said yet who they are; all go after Socket.IO's connectTimeout. */
const MAX_STRANGERS = 1_000;
/** A flood of batches at the window's limit is a tenth of it; each event with bytes is two packets. */
const MAX_PACKETS = 20_000;
const PACKETS_WINDOW_MS = 10_000;

export type SocketLimits = {
  /** Whether one more socket may be opened while so many are past their handshake. */
  roomForStranger(admitted: number): boolean;
};

/**
 * What holds for every socket of a server whatever it says: strangers are bounded, there is no namespace but the
 * server's own, and who sends packets without measure is cut off. `onRefused` hears of each of the latter two.
 */
export function limitSockets(io: Server, clock: Clock, onRefused: (code: ErrorCode) => void): SocketLimits {
  // The default namespace is always there, would let anybody in, and who is in any namespace may stay.
  io.of("/").use((_socket, next) => {
    onRefused("NOT_FOUND");
    next(new Error("there is nothing here"));
  });
  io.engine.on("connection", (connection: EngineConnection) => {
    let window = { since: clock.now(), packets: 0 };
    connection.on("packet", () => {
      const now = clock.now();
      if (now - window.since > PACKETS_WINDOW_MS) window = { since: now, packets: 0 };
      if (++window.packets !== MAX_PACKETS) return;
      onRefused("TOO_MANY");
      connection.close(true);
    });
  });
  return { roomForStranger: (admitted) => io.engine.clientsCount < admitted + MAX_STRANGERS };
}

/** engine.io's Socket, as far as it is used here. */
type EngineConnection = { on(event: "packet", listener: () => void): void; close(discard: boolean): void };
