import type pg from "pg";

/** A host's credential; ended when it was revoked, or its host removed. */
export type StoredCredential = { readonly hostId: string; readonly ended: boolean };

const FIND = `SELECT c.host_id AS "hostId", c.revoked_at IS NOT NULL OR h.removed_at IS NOT NULL AS ended
  FROM agent_credential c JOIN host h ON h.id = c.host_id WHERE c.hash = $1`;

/** The credential with this hash; null when there is none. Prepared once: a fleet that comes back asks for each of its hosts. */
export async function findCredential(pool: pg.Pool, hash: Uint8Array): Promise<StoredCredential | null> {
  const { rows } = await pool.query<StoredCredential>({ name: "find-credential", text: FIND, values: [hash] });
  return rows[0] ?? null;
}
