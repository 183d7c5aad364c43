import { expect, test } from "vitest";
import { gated, needs } from "../support/needs.ts";
import { chooseSeed } from "../support/random.ts";
import { runChaos } from "./data/run.ts";

const gate = gated(needs.root, needs.btf, needs.namespaces, needs.busybox, needs.curl);

test.skipIf(gate.skip)(
  gate.name("chaos, in short: acknowledged is stored, once, the ledger adds up and all is live soon after the last kill"),
  { timeout: 240_000 },
  async () => {
    const seed = chooseSeed(process.env["SONDE_SEED"]);
    console.log(`chaos data: seed ${seed}`);
    const lines: string[] = [];
    const options = { seed, seconds: 40, betweenMs: [2_000, 7_000], loadAgents: 2, batchesASecond: 5 } as const;
    const findings = await runChaos({ ...options, onLine: (line) => lines.push(line) });
    const off = findings.filter((one) => !one.ok);
    if (off.length > 0) console.log(lines.join("\n"));
    expect(off).toEqual([]);
  },
);
