import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Random } from "../../../test/support/random.ts";

/** A flow record by chance, as both Postgres and a test's own sums take it. */
export type TestFlow = {
  readonly at: number;
  readonly host: number;
  readonly interface: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  readonly direction: 1 | 2;
  readonly verdict: 0 | 1;
  readonly vlan: number;
  readonly packets: number;
  readonly bytes: number;
};
export type TestHost = {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly env: string;
  readonly interfaces: readonly number[];
};

/** Hosts h0, h1, … with two interfaces each; the label env is prod, but test of every third, by hand over the agent's. */
export async function makeTestHosts(pool: pg.Pool, count: number): Promise<TestHost[]> {
  const hosts: TestHost[] = [];
  for (let i = 0; i < count; i++) {
    const [id, name, env] = [randomUUID(), `h${i}`, i % 3 === 0 ? "test" : "prod"];
    const { rows } = await pool.query<{ number: number }>("INSERT INTO host (id, name) VALUES ($1, $2) RETURNING number", [id, name]);
    const made = await pool.query<{ id: number }>(
      `INSERT INTO interface (host_id, name, ifindex, kind, mtu, up, hook)
       VALUES ($1, 'eth0', 2, 'ethernet', 1500, true, 'tcx'), ($1, 'eth1', 3, 'ethernet', 1500, true, 'tcx') RETURNING id`,
      [id],
    );
    await pool.query("INSERT INTO host_label (host_id, key, source, value) VALUES ($1, 'env', 'agent', 'other'), ($1, 'env', 'hand', $2)", [
      id,
      env,
    ]);
    hosts.push({ id, number: rows[0]!.number, name, env, interfaces: made.rows.map((row) => row.id) });
  }
  return hosts;
}

/** Flow records between two times, few of whose values differ, so that groups have many; whole milliseconds, some alike. */
export function randomFlows(random: Random, hosts: readonly TestHost[], of: { count: number; from: number; to: number }): TestFlow[] {
  return Array.from({ length: of.count }, () => {
    const host = random.pick(hosts);
    const address = (): string => (random.once(10) ? `2001:db8::${1 + random.below(4)}` : `10.0.0.${random.below(8)}`);
    const source = address();
    const protocol = random.pick([6, 6, 17, 1]);
    return {
      at: of.from + random.below(of.to - of.from),
      host: host.number,
      interface: random.pick(host.interfaces),
      source,
      // of the same family
      destination: source.includes(":") ? `2001:db8::${1 + random.below(4)}` : `10.0.0.${random.below(8)}`,
      sourcePort: protocol === 1 ? 8 : 40_000 + random.below(3),
      destinationPort: protocol === 1 ? 0 : random.pick([53, 80, 443]),
      protocol,
      direction: random.pick([1, 2] as const),
      verdict: random.pick([0, 0, 1] as const),
      vlan: random.pick([-1, -1, 7]),
      packets: random.between(1, 1000),
      bytes: random.once(20) ? random.below(2 ** 40) : random.below(100_000),
    };
  });
}

/** Partitions of an hour for these records, where no hub makes them. */
export async function makeHours(pool: pg.Pool, flows: readonly TestFlow[]): Promise<void> {
  const hours = new Set(flows.map((flow) => Math.floor(flow.at / 3_600_000)));
  for (const hour of hours) {
    const [from, to] = [hour, hour + 1].map((start) => new Date(start * 3_600_000).toISOString());
    await pool.query(
      `CREATE TABLE IF NOT EXISTS flow_records_of_${hour} PARTITION OF flow_records FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  }
}

/** The same where a hub runs, which adds them up too. */
export async function storeFlows(pool: pg.Pool, flows: readonly TestFlow[]): Promise<void> {
  await insertFlows(pool, flows);
  await pool.query(
    `INSERT INTO flow_counters_1m_due SELECT at, 1, frames, packets, bytes, host, interface_id, protocol, direction, verdict FROM flow_records`,
  );
}

/** Stores the records as they are, without sums of any level. */
export async function insertFlows(pool: pg.Pool, flows: readonly TestFlow[]): Promise<void> {
  await pool.query(
    `INSERT INTO flow_records SELECT at, bytes, packets, packets, 2000, 1000, host, interface, sport, dport, 0, vlan, -1, protocol, 0, direction::int::"char",
       0::"char", verdict::int::"char", 1::"char", source, destination
     FROM unnest($1::timestamptz[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[], $12::inet[], $13::inet[])
       AS f(at, bytes, packets, host, interface, sport, dport, vlan, protocol, direction, verdict, source, destination)`,
    [
      flows.map((flow) => new Date(flow.at)),
      flows.map((flow) => flow.bytes),
      flows.map((flow) => flow.packets),
      flows.map((flow) => flow.host),
      flows.map((flow) => flow.interface),
      flows.map((flow) => flow.sourcePort),
      flows.map((flow) => flow.destinationPort),
      flows.map((flow) => flow.vlan),
      flows.map((flow) => flow.protocol),
      flows.map((flow) => flow.direction),
      flows.map((flow) => flow.verdict),
      flows.map((flow) => flow.source),
      flows.map((flow) => flow.destination),
    ],
  );
}

/** Sums by key; a record may have several. */
export function sumsBy(
  rows: readonly TestFlow[],
  keysOf: (flow: TestFlow) => string[],
): Map<string, { flows: number; packets: number; bytes: number }> {
  const groups = new Map<string, { flows: number; packets: number; bytes: number }>();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      const group = groups.get(key) ?? { flows: 0, packets: 0, bytes: 0 };
      groups.set(key, { flows: group.flows + 1, packets: group.packets + row.packets, bytes: group.bytes + row.bytes });
    }
  }
  return groups;
}
