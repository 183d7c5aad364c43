/**
 * A process that watches interface argv[2] with the filters of the JSON file argv[3], set number 9. It tells of its
 * records as they come; each line on standard input is answered by what it knows (Told), after it has stopped reading
 * when the line is "end".
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Filter, openEngine } from "../../src/index.ts";
import { type FilterRow, type Row, decodeCounters, decodeFilterCounters } from "./decode.ts";
import { Received } from "./ledger.ts";

export type Told = {
  readonly row: Row;
  readonly filters: readonly FilterRow[];
  readonly received: Pick<Received, "records" | "selected" | "wrong">;
};

const [, , ifindex, path = ""] = process.argv;
const filters = JSON.parse(readFileSync(path, "utf8")) as Filter[];
const received = new Received(filters);
const engine = openEngine({ ringBytes: 1 << 20 });
engine.attach(Number(ifindex), "tcx");
engine.setFilters({ number: 9, filters });
engine.start((batch) => {
  received.take(batch);
  process.stdout.write(`records ${received.records}\n`);
});
process.stdout.write("attached\n");

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "end") await engine.stop();
  const [row] = decodeCounters(engine.readCounters()).filter(({ direction }) => direction === 1);
  if (row === undefined) throw new Error("no counters");
  const { records, selected, wrong } = received;
  const rows = decodeFilterCounters(engine.readFilterCounters()).filter(({ filterSet }) => filterSet === 9);
  const told: Told = { row, filters: rows, received: { records, selected, wrong } };
  process.stdout.write(`told ${JSON.stringify(told)}\n`);
  if (line === "end") break;
}
await engine.close();
process.exit();
