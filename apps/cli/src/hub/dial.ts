import { X509Certificate, createHash } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { connect, type PeerCertificate } from "node:tls";
import { CommandError } from "../errors.ts";

/** curl's form of a pinned key: sha256// and the base64 of the SHA-256 of the DER SubjectPublicKeyInfo. */
const PIN = /^sha256\/\/[A-Za-z0-9+/]{43}=$/;
export const isPin = (text: string): boolean => PIN.test(text);

export type Dial = {
  readonly url: URL;
  /** Then this key, and no authority, decides. */
  readonly pin: string | null;
  /** PEM certificates trusted without a pin; Node's own list when absent. */
  readonly ca: readonly string[] | undefined;
};

type Ready = (error: Error | null, socket?: unknown) => void;
type Target = { readonly host?: string | null; readonly port?: string | number | null; readonly servername?: string | undefined };

/** An HTTP agent whose connections are handed over only once the hub has proved to be the right one: no token is written before. */
export function dialAgent(dial: Dial): HttpAgent {
  if (dial.url.protocol === "http:") return new HttpAgent({ keepAlive: true });
  const agent = new HttpsAgent({ keepAlive: true });
  // Node's hook for it: what returns nothing hands its socket over by the callback (docs of http.Agent).
  return Object.assign(agent, { createConnection: (target: Target, ready: Ready): void => openTls(dial, target, ready) });
}

function openTls({ pin, ca }: Dial, target: Target, ready: Ready): void {
  const socket = connect({
    host: target.host ?? "",
    port: Number(target.port),
    ...(target.servername ? { servername: target.servername } : {}),
    ...(ca === undefined ? {} : { ca: [...ca] }),
    rejectUnauthorized: false, // judged below, with words
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
  });
  socket.once("error", ready);
  socket.once("secureConnect", () => {
    socket.off("error", ready);
    const wrong = judge(socket.getPeerCertificate(), pin, socket.authorized ? null : String(socket.authorizationError));
    if (wrong === null) return ready(null, socket);
    socket.destroy();
    ready(wrong);
  });
}

function judge(peer: PeerCertificate, pin: string | null, unauthorized: string | null): Error | null {
  const seen = peer.raw === undefined ? "absent" : pinOf(peer.raw);
  if (pin !== null) {
    return seen === pin
      ? null
      : new CommandError(`the hub's key is ${seen}, the pinned one is ${pin}: this is another hub, or someone in between`);
  }
  if (unauthorized === null) return null;
  return new CommandError(
    `no authority here vouches for the hub's certificate (${unauthorized}). If its key is the one that stands in the hub's install lines, ` +
      `log in with --pin ${seen}`,
  );
}

function pinOf(certificate: Uint8Array): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return `sha256//${createHash("sha256").update(spki).digest("base64")}`;
}
