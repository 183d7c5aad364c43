import type { ErrorCode } from "@sonde/protocol";
import type { Server, Socket } from "socket.io";
import type { Clock } from "../clock.ts";

/** Sockets that have not said yet who they are; all go after Socket.IO's connectTimeout. */
const MAX_STRANGERS = 1_000;
/** Handshakes that wait for their turn. */
const MAX_WAITING = 1_000;
/** A flood of batches at the window's limit is a tenth of it; each event with bytes is two packets. */
const MAX_PACKETS = 20_000;
const PACKETS_WINDOW_MS = 10_000;

export type SocketLimits = {
  /** Whether one more socket may be opened while so many are past their handshake. */
  roomForStranger(admitted: number): boolean;
  /** Calls `answer` in a turn of its own, one handshake each: a rush of them holds up nobody. False when too many wait. */
  inTurn(answer: () => void): boolean;
  /** Whether this socket is the first that its connection asks for: a refused one does not try again on the same. */
  isFirst(socket: Socket): boolean;
  /** Ends the connection of a socket that is being refused, once it has been told why: trying again begins anew. */
  endRefused(socket: Socket): void;
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
  const asked = new WeakSet<object>();
  const waiting: (() => void)[] = [];
  const answerNext = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(answerNext);
  };
  return {
    inTurn(answer) {
      if (waiting.length >= MAX_WAITING) return false;
      if (waiting.push(answer) === 1) setImmediate(answerNext);
      return true;
    },
    roomForStranger: (admitted) => io.engine.clientsCount < admitted + MAX_STRANGERS,
    isFirst: ({ conn }) => !asked.has(conn) && asked.add(conn).has(conn),
    endRefused: ({ conn }) => setImmediate(() => conn.close()),
  };
}

/** engine.io's Socket, as far as it is used here. */
type EngineConnection = { on(event: "packet", listener: () => void): void; close(discard: boolean): void };
