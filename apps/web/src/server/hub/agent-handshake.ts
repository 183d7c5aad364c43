import type { IncomingMessage } from "node:http";
import { CodedError, errorCodes, isCodedError, type ErrorCode } from "@sonde/protocol";
import type pg from "pg";
import type { Logger } from "pino";
import type { Socket } from "socket.io";
import type { Gate } from "../gate.ts";
import { authenticateAgent } from "../services/hosts/authenticate.ts";
import type { Throttle } from "../throttle.ts";
import type { Presence } from "./presence.ts";
import type { Strangers } from "./strangers.ts";

const MAX_AGENTS = 5_000;

export type HandshakeOptions = {
  readonly series: pg.Pool;
  readonly presence: Presence;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly strangers: Strangers;
  /** For all agents' questions to the database but their batches. */
  readonly gate: Gate;
  /** Of all handshakes of a host, by its id once it is proved. */
  readonly returns: Throttle;
  /** Of connections of a host that had to be cut off for what they sent, likewise. */
  readonly abuses: Throttle;
};

/** The host that may connect. Throws what it is refused with (SPEC 3.1). */
export async function admitAgent(options: HandshakeOptions, connected: number, socket: Socket): Promise<string> {
  if (connected >= MAX_AGENTS) throw new CodedError("BUSY");
  const address = options.addressOf(socket.request);
  const onKnown = (hostId: string, code: string): void => options.presence.refused(hostId, code);
  const hostId = await options
    .gate(() => authenticateAgent(options, socket.handshake.auth, onKnown))
    .catch((error: unknown) => {
      if (isCodedError(error)) options.strangers.failed(address);
      throw error;
    });
  if (options.abuses.spent(hostId) || !options.returns.allow(hostId)) throw new CodedError("BUSY");
  return hostId;
}

/** What connect_error carries to the agent: `data.code` (SPEC 3.1). */
export function refusedHandshake(error: unknown, log: Logger): Error & { data: { code: ErrorCode; detail: string } } {
  const code: ErrorCode = isCodedError(error) ? error.code : "BUSY";
  // Who is throttled, or comes when nothing can be done, fills no log.
  log[code === "BUSY" && isCodedError(error) ? "debug" : "warn"](
    { event: "agent-handshake-refused", code, ...(isCodedError(error) ? {} : { error: String(error) }) },
    "an agent was turned away",
  );
  const detail = isCodedError(error) ? error.message : errorCodes.BUSY.title;
  return Object.assign(new Error(detail), { data: { code, detail } });
}
