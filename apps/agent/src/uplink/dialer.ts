import { lookup } from "node:dns";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type LookupFunction, type Socket, connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { checkPin } from "./pin.ts";

export type DialOptions = {
  readonly url: URL;
  /** sha256//… of the hub's key: then that key, and no authority, decides. */
  readonly pin?: string | undefined;
  /** PEM certificates trusted without a pin; Node's own list when absent. */
  readonly ca?: readonly string[] | undefined;
  /** Told the hub's addresses before the first packet goes to one of them. */
  readonly onAddresses?: ((addresses: readonly string[]) => void) | undefined;
};

type Ready = (error: Error | null, socket?: Socket) => void;
type Target = { readonly host?: string | null; readonly port?: string | number | null; readonly servername?: string | undefined };

/**
 * The one way to the hub, for enrolment and uplink alike: an HTTP agent whose connections are handed
 * over only after the hub has proved to be the right one, so no token or credential is written before.
 */
export function createDialAgent(options: DialOptions): HttpAgent {
  const tls = options.url.protocol === "https:";
  const open = tls ? openTls : openPlain;
  const agent = tls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  // Node's hook for it: what returns nothing hands its socket over by the callback (docs of http.Agent).
  return Object.assign(agent, { createConnection: (target: Target, ready: Ready): void => open(options, target, ready) });
}

function openPlain(options: DialOptions, target: Target, ready: Ready): void {
  const socket = connectTcp(address(options, target));
  socket.once("error", ready);
  socket.once("connect", () => {
    socket.off("error", ready);
    ready(null, socket);
  });
}

/** No session is resumed: each connection shows its certificate and is judged by it. */
function openTls(options: DialOptions, target: Target, ready: Ready): void {
  const { pin, ca } = options;
  const socket = connectTls({
    ...address(options, target),
    ...(target.servername ? { servername: target.servername } : {}),
    ...(ca === undefined ? {} : { ca: [...ca] }),
    rejectUnauthorized: pin === undefined,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
  });
  socket.once("error", ready);
  socket.once("secureConnect", () => {
    socket.off("error", ready);
    const mismatch = pin === undefined ? null : checkPin(socket.getPeerCertificate(), pin);
    if (mismatch === null) return ready(null, socket);
    socket.destroy();
    ready(mismatch);
  });
}

function address(options: DialOptions, target: Target): { host: string; port: number; lookup: LookupFunction; noDelay: true } {
  const host = target.host ?? "";
  if (isIP(host) !== 0) options.onAddresses?.([host]);
  return { host, port: Number(target.port), lookup: reporting(options), noDelay: true };
}

/** dns.lookup that tells the addresses before anyone connects to them. */
function reporting(options: DialOptions): LookupFunction {
  return (hostname, settings, done) => {
    lookup(hostname, settings, (error, found, family) => {
      if (error === null) options.onAddresses?.(typeof found === "string" ? [found] : found.map((each) => each.address));
      done(error, found, family);
    });
  };
}
