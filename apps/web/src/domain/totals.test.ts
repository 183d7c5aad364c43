import { expect, test } from "vitest";
import type { SideTotals } from "@sonde/protocol/rest";
import { sumOf, together } from "./totals.ts";

const flags = { fin: "0", syn: "3", rst: "0", psh: "0", ack: "9", urg: "0", ece: "0", cwr: "0" };
const side = (more: Partial<SideTotals>): SideTotals => ({
  interface: 1,
  side: "rx",
  classes: {},
  dropped: {},
  malformed: "0",
  tcpFlags: flags,
  sizes: [
    { least: 0, frames: "1" },
    { least: 64, frames: "2" },
  ],
  ...more,
});

test("interfaces and directions add up, past what a number holds", () => {
  const big = String(2n ** 62n);
  const all = together([
    side({ classes: { tcp4: { frames: "1", packets: "2", bytes: big } }, malformed: "4" }),
    side({ side: "tx", classes: { tcp4: { frames: "1", packets: "1", bytes: big }, arp: { frames: "5", packets: "5", bytes: "300" } } }),
  ]);
  expect(all.classes.tcp4).toEqual({ frames: "2", packets: "3", bytes: String(2n ** 63n) });
  expect(all.tcpFlags.syn).toBe("6");
  expect(all.sizes).toEqual([
    { least: 0, frames: "2" },
    { least: 64, frames: "4" },
  ]);
  expect(all.malformed).toBe("4");
  expect(sumOf(all.classes)).toEqual({ frames: 7n, packets: 8n, bytes: 2n ** 63n + 300n });
  expect(together([])).toMatchObject({ classes: {}, sizes: [], malformed: "0" });
});
