import {
  fleetLedgerSchema,
  flowCompareSchema,
  flowHistogramSchema,
  flowTopSchema,
  type FlowCompare,
  type FlowHistogram,
  type FlowTop,
  type FleetLedger,
  type LedgerSums,
  type Measure,
} from "@sonde/protocol/rest";
import { print, withHub, type Io } from "../context.ts";
import type { Cell, Column, Format } from "../output/rows.ts";
import { safeJson } from "../output/text.ts";
import { parseTime } from "../output/times.ts";
import { pointing, rangeOf, type RangeFlags } from "./range.ts";

type Common = RangeFlags & { readonly measure: Measure; readonly output: Format };
export type TopFlags = Common & { readonly limit: number };
export type HistogramFlags = Common & { readonly by?: string; readonly step?: number; readonly limit: number };
export type CompareFlags = TopFlags & { readonly beforeFrom?: string; readonly beforeTo?: string; readonly factor?: number };

/** Columns of what is grouped by, in the order asked for. */
const keyColumns = <T extends { readonly key: readonly (string | null)[] }>(by: readonly string[]): Column<T>[] =>
  by.map((head, i) => ({ head, of: (row) => row.key[i] ?? null }));

/** JSON is the hub's whole answer; the other formats are its rows. */
async function answer<A, T>(io: Io, found: A, rows: readonly T[], columns: readonly Column<T>[], output: Format): Promise<void> {
  if (output === "json") await io.out(`${safeJson(found, 2)}\n`);
  else await print(io, rows, columns, output);
}

/** `sonde query top`: the largest groups. */
export async function top(by: string, flags: TopFlags, io: Io): Promise<void> {
  const query = { ...rangeOf(flags, io), by, measure: flags.measure, n: flags.limit };
  const found: FlowTop = await withHub(io, (client) => pointing(flags.filter, client.get("/flows/top", flowTopSchema, query)));
  type Row = FlowTop["items"][number];
  const sums: Column<Row>[] = (["bytes", "packets", "flows"] as const).map((head) => ({ head, of: (row) => row[head], right: true }));
  await answer(io, found, found.items, [...keyColumns<Row>(found.by), ...sums], flags.output);
  if (flags.output === "table")
    io.say(
      `${found.items.length} of ${found.groups} groups; in all ${found.total.bytes} bytes, ${found.total.packets} packets, ${found.total.flows} flows`,
    );
}

/** `sonde query histogram`: sums per step of time. A cell without a value: the hub does not know. */
export async function histogram(flags: HistogramFlags, io: Io): Promise<void> {
  const query = { ...rangeOf(flags, io), by: flags.by, measure: flags.measure, step: flags.step, n: flags.limit };
  const found: FlowHistogram = await withHub(io, (client) =>
    pointing(flags.filter, client.get("/flows/histogram", flowHistogramSchema, query)),
  );
  type Row = { at: string; key: (string | null)[]; bytes: Cell; packets: Cell; flows: Cell };
  const from = Date.parse(found.from);
  const rows = found.series.flatMap((series) =>
    series.bytes.map((bytes, i): Row => ({
      at: new Date(from + i * found.step * 1000).toISOString(),
      key: series.key ?? found.by.map(() => "(others)"),
      bytes,
      packets: series.packets[i] ?? null,
      flows: series.flows[i] ?? null,
    })),
  );
  const sums: Column<Row>[] = (["bytes", "packets", "flows"] as const).map((head) => ({ head, of: (row) => row[head], right: true }));
  await answer(io, found, rows, [{ head: "time", of: (row) => row.at }, ...keyColumns<Row>(found.by), ...sums], flags.output);
}

/** `sonde query compare`: what is new, gone or changed against the window before. */
export async function compare(by: string, flags: CompareFlags, io: Io): Promise<void> {
  const time = (text: string | undefined): string | undefined => (text === undefined ? undefined : parseTime(text, io.now()));
  const before = { beforeFrom: time(flags.beforeFrom), beforeTo: time(flags.beforeTo) };
  const query = { ...rangeOf(flags, io), ...before, by, measure: flags.measure, n: flags.limit, factor: flags.factor };
  const found: FlowCompare = await withHub(io, (client) => pointing(flags.filter, client.get("/flows/compare", flowCompareSchema, query)));
  type Row = FlowCompare["items"][number];
  const columns: Column<Row>[] = [
    { head: "change", of: (row) => row.change },
    ...keyColumns<Row>(found.by),
    { head: `${found.measure} before`, of: (row) => row.before, right: true },
    { head: `${found.measure} now`, of: (row) => row.now, right: true },
    { head: "ratio", of: (row) => (row.ratio === null ? null : Number(row.ratio.toPrecision(3))), right: true },
  ];
  await answer(io, found, found.items, columns, flags.output);
  const { counts } = found;
  if (flags.output === "table") io.say(`${counts.new} new, ${counts.gone} gone, ${counts.changed} changed, ${counts.same} about the same`);
}

/** `sonde query ledger`: what became of every packet, by host and in all. */
export async function ledger(flags: { readonly output: Format }, io: Io): Promise<void> {
  const found: FleetLedger = await withHub(io, (client) => client.get("/ledger", fleetLedgerSchema));
  const rows: (LedgerSums & { name: string })[] = [...found.hosts, { name: "(all)", ...found.fleet }];
  type Row = (typeof rows)[number];
  const classes = [
    "seen",
    "unmatched",
    "sampledOut",
    "lostRing",
    "noReader",
    "delivered",
    "lostQueue",
    "stored",
    "refused",
    "inFlight",
    "flows",
    "lostFlows",
  ] as const;
  const columns: Column<Row>[] = [
    { head: "host", of: (row) => row.name },
    ...classes.map((head) => ({ head, of: (row: Row) => row[head], right: true })),
  ];
  await answer(io, found, rows, columns, flags.output);
}
