import type { Labels } from "@sonde/protocol";
import type pg from "pg";

/** Rows that stay as they are are not written again: a fleet that reconnects says what it said before. */
const SAVE = `WITH gone AS (DELETE FROM host_label WHERE host_id = $1 AND source = 'agent' AND key <> ALL($2::text[]))
  INSERT INTO host_label (host_id, key, source, value) SELECT $1, l.key, 'agent', l.value FROM unnest($2::text[], $3::text[]) AS l(key, value)
  ON CONFLICT (host_id, key, source) DO UPDATE SET value = EXCLUDED.value WHERE host_label.value <> EXCLUDED.value`;

/** What a host's own file says of it replaces what it said before; labels of other sources are not touched. */
export async function saveAgentLabels(pool: pg.Pool, hostId: string, labels: Labels): Promise<void> {
  await pool.query({ name: "save-agent-labels", text: SAVE, values: [hostId, Object.keys(labels), Object.values(labels)] });
}
