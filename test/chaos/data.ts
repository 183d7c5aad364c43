/*
 * SIGKILL of the hub, of Postgres, of its backends and of agents at random times, under load: what was acknowledged is
 * stored, nothing is stored twice, the ledger adds up, and everything is live again soon.
 * npm run chaos -- data [--minutes 10] [--seed N] [--agents 4] [--batches 5]
 */
import { parseArgs } from "node:util";
import { chooseSeed } from "../support/random.ts";
import { runChaos } from "./data/run.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string" }, seed: { type: "string" }, agents: { type: "string" }, batches: { type: "string" } },
});
const seed = chooseSeed(values.seed ?? "random");
const minutes = Number(values.minutes ?? 10);
console.log(`chaos data: seed ${seed}, ${minutes} minutes`);
const findings = await runChaos({
  seed,
  seconds: minutes * 60,
  betweenMs: [3_000, 15_000],
  loadAgents: Number(values.agents ?? 4),
  batchesASecond: Number(values.batches ?? 5),
  onLine: (line) => console.log(`  ${line}`),
});
for (const { name, ok, detail } of findings) console.log(`${ok ? "✓" : "✗"} ${name}: ${detail}`);
const held = findings.filter((one) => one.ok).length;
console.log(`${held} of ${findings.length} held; seed ${seed}`);
process.exitCode = held === findings.length ? 0 : 1;
