import { CopyRows } from "./copy-rows.ts";
import { due } from "./series.ts";

const FIELDS = due.flow_records.columns.length;
/** Length words, and the values: five of 8 bytes, two of 4, one of 2, two of 1. */
const ROW_BYTES = 2 + 4 * FIELDS + 5 * 8 + 2 * 4 + 2 + 2;

/** What one flow record adds, and to which sum. Protocol, direction and verdict as on the wire. */
export type FlowPart = {
  interfaceId: number;
  protocol: number;
  direction: number;
  verdict: number;
  frames: number;
  packets: number;
  bytes: number;
};
type Sum = FlowPart & { flows: number };

/** Adds up the flow records of one batch by interface, protocol, direction and verdict. */
export class FlowSums {
  private readonly sums = new Map<number, Sum>();

  /** Takes nothing of the part but its numbers: the caller may use it again. */
  add(part: FlowPart): void {
    const key = part.interfaceId * 4096 + part.protocol * 16 + part.direction * 4 + part.verdict;
    const sum = this.sums.get(key);
    if (sum === undefined) {
      this.sums.set(key, { flows: 1, ...part });
      return;
    }
    sum.flows++;
    sum.frames += part.frames;
    sum.packets += part.packets;
    sum.bytes += part.bytes;
  }

  /** The sums in Postgres' binary COPY format, one row each. */
  rows(atUs: number, hostNumber: number): Uint8Array {
    const out = new CopyRows(this.sums.size * ROW_BYTES);
    for (const sum of this.sums.values()) {
      out.row(FIELDS);
      out.time(atUs);
      out.i64(sum.flows);
      out.i64(sum.frames);
      out.i64(sum.packets);
      out.i64(sum.bytes);
      out.i32(hostNumber);
      out.i32(sum.interfaceId);
      out.i16(sum.protocol);
      out.char(sum.direction);
      out.char(sum.verdict);
    }
    return out.bytes;
  }
}
