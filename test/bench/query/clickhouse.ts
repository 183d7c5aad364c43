import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { startChild } from "../../../scripts/lib/proc.mjs";

/** Debian's package puts the server here. */
const SERVER = "/usr/sbin/clickhouse-server";

export type ClickHouse = {
  /** The answer's text. Throws when the server refuses. */
  ask(sql: string, body?: Readable): Promise<string>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
};

/** A server of its own on a folder in /tmp and a free port of the loopback. */
export async function startClickHouse(): Promise<ClickHouse> {
  if (!existsSync(SERVER)) throw new Error(`${SERVER} is not there: install Debian's clickhouse-server`);
  const folder = mkdtempSync("/tmp/sonde-clickhouse-");
  const port = await freePort();
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "users.xml"), usersXml);
  writeFileSync(join(folder, "config.xml"), configXml(folder, port));
  const child = startChild({
    name: "ClickHouse",
    command: [SERVER, `--config-file=${join(folder, "config.xml")}`],
    cwd: folder,
    env: process.env,
  });
  const ask = (sql: string, body?: Readable): Promise<string> => post(port, sql, body);
  const stop = async (): Promise<void> => {
    await child.stop({ signal: "SIGTERM", graceMs: 10_000 });
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    try {
      await ask("SELECT 1");
      return { ask, stop };
    } catch (error) {
      if (Date.now() < deadline) continue;
      await stop();
      throw new Error(`ClickHouse did not start: ${child.tail()}`, { cause: error });
    }
  }
}

const configXml = (folder: string, port: number): string => `<yandex>
  <logger><level>warning</level><log>${folder}/log</log><errorlog>${folder}/errors</errorlog></logger>
  <http_port>${port}</http_port><listen_host>127.0.0.1</listen_host>
  <path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path><users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>1000000000</mark_cache_size><keep_alive_timeout>60</keep_alive_timeout>
</yandex>
`;
const usersXml = `<yandex>
  <profiles><default><max_memory_usage>8000000000</max_memory_usage></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function post(port: number, sql: string, body?: Readable): Promise<string> {
  const sent = request({ host: "127.0.0.1", port, method: "POST", path: body ? `/?query=${encodeURIComponent(sql)}` : "/" });
  const answered = once(sent, "response");
  if (body) body.pipe(sent);
  else sent.end(sql);
  const [response] = await answered;
  let text = "";
  for await (const chunk of response) text += String(chunk);
  if (response.statusCode !== 200) throw new Error(`ClickHouse: ${text.slice(0, 500)}`);
  return text;
}

const TABLE = `CREATE TABLE flows (at DateTime, us UInt32, bytes UInt64, frames UInt32, packets UInt32, first_ms UInt32, last_ms UInt32, host UInt32,
  interface_id UInt32, source_port UInt16, destination_port UInt16, tunnel_id UInt32, vlan Int16, vlan_inner Int16, protocol UInt8, tcp_flags UInt8,
  direction UInt8, tunnel UInt8, verdict UInt8, end_reason UInt8, source_address UInt32, destination_address UInt32)
  ENGINE = MergeTree PARTITION BY toYYYYMMDD(at) ORDER BY at`;

/** Copies the flow records (of IPv4) from Postgres, as they are, into a table in the order of time. */
export async function copyFlows(pool: pg.Pool, clickhouse: ClickHouse): Promise<void> {
  await clickhouse.ask(TABLE);
  const client = await pool.connect();
  try {
    const rows = client.query(
      copyTo(`COPY (SELECT floor(extract(epoch FROM at))::bigint, (extract(microseconds FROM at)::bigint % 1000000), bytes, frames, packets, first_ms, last_ms, host,
        interface_id, source_port, destination_port, tunnel_id::bigint & 4294967295, vlan, vlan_inner, protocol, tcp_flags, direction::int, tunnel::int, verdict::int,
        end_reason::int, source_address - '0.0.0.0'::inet, destination_address - '0.0.0.0'::inet FROM flow_records) TO STDOUT`),
    );
    await clickhouse.ask("INSERT INTO flows FORMAT TabSeparated", rows);
    await clickhouse.ask("OPTIMIZE TABLE flows");
  } finally {
    client.release();
  }
}
