import { createHash, randomBytes } from "node:crypto";
import type { API_TOKEN_PREFIX } from "@sonde/protocol/rest";

export type SecretKind = "snd_enrol_" | "snd_agent_" | "snd_link_" | typeof API_TOKEN_PREFIX;

/** A new secret of 256 random bits with a visible prefix, and the hash that is stored in its place. */
export function makeSecret(kind: SecretKind): { secret: string; hash: Uint8Array<ArrayBuffer> } {
  const secret = kind + randomBytes(32).toString("base64url");
  return { secret, hash: hashSecret(secret) };
}

/**
 * SHA-256 of a secret. Lookups go by this hash through an index: how far two hashes agree says nothing
 * about the secret, so comparing them needs no constant time; and 256 random bits need no slow hash.
 */
export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(secret, "utf8").digest());
}
