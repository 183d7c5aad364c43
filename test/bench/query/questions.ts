import type { Random } from "../../support/random.ts";
import { externalAddress, hostAddress, RARE_PORTS } from "./rows.ts";

/** One question to both: the path of the API, and the same in ClickHouse's SQL. */
export type Question = { readonly path: string; readonly sql: string };
export type Kind = { readonly name: string; readonly barMs: number; readonly make: (random: Random) => Question };

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const HOSTS = 100;

const number = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const path = (name: string, input: Record<string, string | number>): string =>
  `/api/v1/flows${name}?${new URLSearchParams(Object.entries(input).map(([key, value]) => [key, String(value)])).toString()}`;
const between = (from: number, to: number): string => `at >= toDateTime(${from}) AND at < toDateTime(${to})`;

/** What is measured; `end` is the end of the records' 24 hours, seconds since 1970, a whole ten minutes. `hostNumbers` by place. */
export function questionKinds(end: number, hostNumbers: readonly number[]): Kind[] {
  const day = { from: iso(end - DAY_S), to: iso(end) };
  const page = (filter: string, where: string): Question => ({
    path: path("", { filter, ...day, limit: 100 }),
    sql: `SELECT * FROM flows WHERE ${between(end - DAY_S, end)} AND ${where} ORDER BY at DESC, us DESC LIMIT 100`,
  });
  const histogram = (filter: string, where: string): Question => ({
    path: path("/histogram", { filter, ...day, step: 600 }),
    sql: `SELECT intDiv(toUInt32(at), 600) AS bin, count(), sum(packets), sum(bytes) FROM flows WHERE ${between(end - DAY_S, end)} AND ${where} GROUP BY bin`,
  });
  const top = (by: string, key: string, random: Random): Question => {
    const to = end - 60 * random.below(60);
    return {
      path: path("/top", { by, n: 20, from: iso(to - HOUR_S), to: iso(to) }),
      sql: `SELECT ${key} AS k, count(), sum(packets), sum(bytes) AS b FROM flows WHERE ${between(to - HOUR_S, to)} GROUP BY k ORDER BY b DESC LIMIT 20`,
    };
  };
  return [
    {
      name: "page of flows, two common conditions",
      barMs: 200,
      make: (random) => {
        const [at, port] = [random.below(HOSTS), random.pick([443, 80, 53, 5432])];
        return page(`host.name == "host-${at}" && dstport == ${port}`, `host = ${hostNumbers[at]} AND destination_port = ${port}`);
      },
    },
    {
      name: "page of flows, a host and a port in 24 h",
      barMs: 200,
      make: (random) => {
        const [address, port] = [hostAddress(random.below(HOSTS)), RARE_PORTS.first + random.below(RARE_PORTS.count)];
        const ip = number(address);
        return page(
          `ip.addr == ${address} && dstport == ${port}`,
          `(source_address = ${ip} OR destination_address = ${ip}) AND destination_port = ${port}`,
        );
      },
    },
    {
      name: "page of flows, a rare address and a common port",
      barMs: 200,
      make: (random) => {
        const address = externalAddress(100_000 + random.below(100_000));
        const ip = number(address);
        return page(
          `ip.addr == ${address} && tcp.port == 443`,
          `(source_address = ${ip} OR destination_address = ${ip}) AND protocol = 6 AND (source_port = 443 OR destination_port = 443)`,
        );
      },
    },
    {
      name: "top-20 peers over an hour",
      barMs: 200,
      make: (random) => top("peer", "if(direction = 1, source_address, destination_address)", random),
    },
    {
      name: "24-hour histogram, from sums",
      barMs: 200,
      make: (random) => {
        const at = random.below(HOSTS);
        return random.pick([
          () => histogram("", "1"),
          () => histogram("tcp", "protocol = 6"),
          () => histogram(`direction == in && host.name == "host-${at}"`, `direction = 1 AND host = ${hostNumbers[at]}`),
          () => histogram("udp && verdict == pass", "protocol = 17 AND verdict = 0"),
        ])();
      },
    },
    {
      name: "24-hour histogram, of a port",
      barMs: 2_000,
      make: (random) => {
        const port = random.pick([443, 80, 53, 5432, 6379, 22]);
        return histogram(`dstport == ${port}`, `destination_port = ${port}`);
      },
    },
  ];
}

/** Shown without a bar: both ends of each record count. */
export function bothEndsKind(end: number): Kind {
  return {
    name: "top-20 addresses of either end over an hour",
    barMs: Infinity,
    make: (random) => {
      const to = end - 60 * random.below(60);
      return {
        path: path("/top", { by: "ip.addr", n: 20, from: iso(to - HOUR_S), to: iso(to) }),
        sql: `SELECT arrayJoin([source_address, destination_address]) AS k, count(), sum(packets), sum(bytes) AS b FROM flows WHERE ${between(to - HOUR_S, to)} GROUP BY k ORDER BY b DESC LIMIT 20`,
      };
    },
  };
}
