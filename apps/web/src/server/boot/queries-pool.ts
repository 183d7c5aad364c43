import pg from "pg";

const CONNECTIONS = 4;

/**
 * What a question's connection is set to. Compiling a statement costs more than it saves on questions of
 * milliseconds; a scan of some megabytes is worth helpers, which the planner by itself thinks too dear. The timeout is
 * the last resort: each question sets its own, and how many may help (store/query/run.ts).
 */
const settings = {
  default_transaction_read_only: "on",
  statement_timeout: "30000",
  timezone: "UTC",
  jit: "off",
  work_mem: "32MB",
  parallel_setup_cost: "10",
  parallel_tuple_cost: "0.001",
  min_parallel_table_scan_size: "1MB",
};

/** Connections that can only read, at most four at a time. */
export function openQueries(url: string): pg.Pool {
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: 5000,
    application_name: "sonde-queries",
    options: options.join(" "),
  });
}
