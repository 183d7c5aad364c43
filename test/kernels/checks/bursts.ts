import { cases } from "../../../packages/bpf/test/support/cases.ts";
import { differences, reaches } from "../../../packages/bpf/test/support/compare.ts";
import type { Rec, Row } from "../../../packages/bpf/test/support/decode.ts";
import { type Flow, decodeFlows, sumCounts } from "../../../packages/bpf/test/support/flows.ts";
import { ether, ipv4, udp } from "../../../packages/bpf/test/support/frames.ts";
import type { Session } from "../../../packages/bpf/test/support/session.ts";
import { seeded } from "../../support/random.ts";

export type Direction = "in" | "out";
/** A session on a wire and which of its hooks is looked at. */
export type Line = { readonly session: Session; readonly mode: string; readonly direction: Direction };

const FRAMES = 1000;
const MAX_SNAPLEN = 4096;

/** Every named case of the parser as a frame over the wire; answers with how many agreed, else throws. */
export async function parse(line: Line): Promise<string> {
  const seen = cases.filter((c) => reaches(c, line.direction, line.mode));
  const { records } = await burst(
    line,
    seen.map((c) => c.frame),
    MAX_SNAPLEN,
  );
  const wrong = seen.flatMap((c, i) => differences(c, records[i]));
  if (records.length !== seen.length) wrong.unshift(`${records.length} records of ${seen.length} frames`);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  return `${seen.length} agree`;
}

/** Frames, bytes and records of a burst, to the packet; the device's own counter is the second opinion. */
export async function count(line: Line): Promise<string> {
  const frames = Array.from({ length: FRAMES }, (_, i) =>
    ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i, payload: Buffer.alloc(i % 400, i) }) })),
  );
  const side = line.direction === "in" ? "rx" : "tx";
  const device = (): number => line.session.wire.stats()[side].packets;
  const before = device();
  const { gained, records, flows } = await burst(line, frames, 0);
  equal(
    "frames",
    gained((row) => row.total.frames),
    FRAMES,
  );
  equal(
    "bytes",
    gained((row) => row.total.bytes),
    frames.reduce((sum, frame) => sum + frame.length, 0),
  );
  equal(
    "UDP over IPv4",
    gained((row) => row.proto.udp4.frames),
    FRAMES,
  );
  equal("ip -s link", device() - before, FRAMES);
  equal("records", records.length, FRAMES);
  equal("ports", new Set(records.map((rec) => rec.sportBe)).size, FRAMES);
  equal("flows", new Set(flows.map(({ sport }) => sport)).size, FRAMES);
  return `${FRAMES} exact`;
}

/** Random bytes behind every EtherType the parser knows: each frame is counted and recorded once. */
export async function chaos(line: Line, seed: number): Promise<string> {
  const random = seeded(seed);
  const frames = Array.from({ length: FRAMES }, (_, i) => {
    const type = random.pick([0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x88cc]);
    // The stack drops a frame that ends inside its outer tag.
    const payload = random.bytes(random.between(8, 120));
    // Past the version nibble, or nearly all would end there.
    if (i % 2 === 0) payload[0] = type === 0x0800 ? 0x45 : 0x60;
    return ether(type, payload);
  });
  const { gained, records } = await burst(line, frames, 32);
  equal(
    "frames",
    gained((row) => row.total.frames),
    FRAMES,
  );
  equal(
    "delivered",
    gained((row) => row.delivered),
    FRAMES,
  );
  equal("records", records.length, FRAMES);
  const malformed = gained((row) => Object.values(row.malformed).reduce((sum, n) => sum + n, 0));
  if (malformed === 0) throw new Error("none was found malformed");
  return `${FRAMES} exact`;
}

type Burst = {
  readonly gained: (of: (row: Row) => number) => number;
  readonly records: readonly Rec[];
  readonly flows: readonly Flow[];
};

/** Sends frames and waits for all of them: what the counters gained, and the new records and flows, which add up. */
async function burst({ session, direction }: Line, frames: readonly Buffer[], snaplen: number): Promise<Burst> {
  await session.engine.drainFlows();
  const before = session.row(direction);
  const had = session.records.length;
  session.engine.setSampling({ sampleN: 1, snaplen });
  session.engine.start((batch) => session.keep(batch));
  if (direction === "in") session.wire.sendIn(frames);
  else session.wire.sendOut(frames);
  const after = await session.settle(direction, before.total.frames + frames.length);
  const gained: Burst["gained"] = (of) => of(after) - of(before);
  const flows = decodeFlows(await session.engine.drainFlows()).filter((flow) => flow.direction === after.direction);
  const known = sumCounts(flows).frames + gained((row) => row.unflowed.frames) + gained((row) => row.nonFlow.frames);
  equal("frames in flows, unflowed or of none", known, frames.length);
  return { gained, records: session.records.slice(had), flows };
}

function equal(what: string, got: number, wanted: number): void {
  if (got !== wanted) throw new Error(`${what}: ${got}, not ${wanted}`);
}
