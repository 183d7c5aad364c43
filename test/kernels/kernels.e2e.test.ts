import { describe, expect, test } from "vitest";
import { runMatrix } from "../../scripts/lib/kernels/matrix.mjs";
import { reasons, tally } from "../../scripts/lib/kernels/report.mjs";
import { gated, needs } from "../support/needs.ts";
import { chooseSeed } from "../support/random.ts";

const gate = gated(needs.namespaces, needs.qemu, needs.cpio, needs.busybox, needs.tcpreplay, needs.tshark);
const seed = chooseSeed(process.env["SONDE_SEED"]);
// One that has no TCX and no linked scalars in its verifier, and the newest; `npm run test:kernels` has them all.
const names = ["6.1", "newest"];

describe.skipIf(gate.skip)(gate.name("Debian's stock kernels"), () => {
  test(`every program and hook on ${names.join(" and ")}, seed ${seed}`, { timeout: 620_000 }, async () => {
    const columns = await runMatrix({ names, seed, atOnce: names.length, signal: new AbortController().signal });
    expect(reasons(columns, false)).toEqual([]);
    expect(tally(columns).passed).toBeGreaterThan(names.length * 10);
  });
});
