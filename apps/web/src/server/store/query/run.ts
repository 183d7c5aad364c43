import { CodedError } from "@sonde/protocol";
import type pg from "pg";

/** query_canceled (PostgreSQL's appendix A): here, by the statement's timeout. */
const CANCELED = "57014";

export type Statement = {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly timeoutMs: number;
  /** Processes that may help, beside the connection's own; two unless said. Starting them takes some 10 ms. */
  readonly helpers?: number;
};

/** Rows of a statement that may take so long. Throws QUERY_LIMIT when it took longer, BUSY when no connection came free. */
export async function runQuery<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  { text, values, timeoutMs, helpers = 2 }: Statement,
): Promise<R[]> {
  const client = await connect(pool);
  let broken: Error | undefined;
  try {
    await client.query(`SET statement_timeout = ${Math.max(1, Math.ceil(timeoutMs))}; SET max_parallel_workers_per_gather = ${helpers}`);
    const { rows } = await client.query<R>(text, [...values]);
    return rows;
  } catch (error) {
    if (isCode(error, CANCELED)) {
      const detail = `The answer took longer than ${(timeoutMs / 1000).toFixed(1)} s: narrow the time range, or ask for fewer hosts`;
      throw new CodedError("QUERY_LIMIT", detail, { cause: error });
    }
    if (!(error instanceof Error && "severity" in error)) broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    // pg-pool's only way to say so
    if (error instanceof Error && error.message.startsWith("timeout exceeded")) {
      throw new CodedError("BUSY", "Too many questions at a time; ask again in some seconds", { cause: error });
    }
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
