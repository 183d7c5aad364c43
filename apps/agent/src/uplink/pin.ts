import { X509Certificate, createHash } from "node:crypto";
import type { PeerCertificate } from "node:tls";

/** curl's form of a pinned key: sha256// and the base64 of the SHA-256 of the DER SubjectPublicKeyInfo. */
const PIN = /^sha256\/\/[A-Za-z0-9+/]{43}=$/;

export class PinMismatch extends Error {
  readonly code = "PIN_MISMATCH";
  constructor(seen: string, expected: string) {
    super(`the hub's key is ${seen}, the pinned one is ${expected}: this is another hub, or someone in between`);
    this.name = "PinMismatch";
  }
}

export const isPin = (text: string): boolean => PIN.test(text);

/** The pin of a DER certificate. */
export function pinOf(certificate: Uint8Array): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return `sha256//${createHash("sha256").update(spki).digest("base64")}`;
}

/** Null when the peer holds the pinned key; the TLS handshake has proved that it does hold it. */
export function checkPin(peer: PeerCertificate, expected: string): PinMismatch | null {
  const seen = peer.raw === undefined ? "absent" : pinOf(peer.raw);
  return seen === expected ? null : new PinMismatch(seen, expected);
}
