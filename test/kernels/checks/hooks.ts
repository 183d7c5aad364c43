import { BpfError, attachModes, openEngine, type AttachMode, type EgressMode } from "../../../packages/bpf/src/index.ts";
import { cases } from "../../../packages/bpf/test/support/cases.ts";
import { differences, reaches } from "../../../packages/bpf/test/support/compare.ts";
import { ether, ipv4, udp } from "../../../packages/bpf/test/support/frames.ts";
import { Wire } from "../../../packages/bpf/test/support/netns.ts";
import { Session } from "../../../packages/bpf/test/support/session.ts";
import { seeded } from "../../support/random.ts";
import { type Check, type Outcome, absent, failed, passed } from "../outcome.ts";
import { cameLater } from "../since.ts";

type Direction = "in" | "out";
type XdpMode = Exclude<AttachMode, EgressMode>;

const isXdp = (mode: AttachMode): mode is XdpMode => mode === "xdp-native" || mode === "xdp-generic";
/** XDP sees incoming packets only; what goes out beside it is counted by the best hook of this kernel. */
const directionsOf = (mode: AttachMode): readonly Direction[] => (isXdp(mode) ? ["in"] : ["in", "out"]);
const egressOf = (mode: AttachMode): EgressMode => (!isXdp(mode) ? mode : cameLater("tcx") === undefined ? "tcx" : "clsact");

const FRAMES = 3000;

/** Each hook of the engine's own list on a veth; where it holds, the parser's cases and exact counts through it. */
export const hooks: Check = {
  name: "hooks",
  async *run({ seed }) {
    for (const mode of attachModes) {
      const attached = await attach(mode);
      yield attached;
      if (attached.ok !== true) continue;
      for (const direction of directionsOf(mode)) {
        yield await attempt(`parser cases, ${mode} ${direction}`, () => parse(mode, direction));
        yield await attempt(`counts, ${mode} ${direction}`, () => count(mode, direction));
        yield await attempt(`random frames, ${mode} ${direction}`, () => chaos(mode, direction, seed));
      }
    }
  },
};

async function attach(mode: AttachMode): Promise<Outcome> {
  const feature = `attach ${mode}`;
  const engine = openEngine();
  using wire = new Wire();
  try {
    engine.attach(wire.ifindex, mode, egressOf(mode));
    return passed(feature, isXdp(mode) ? `veth, ${egressOf(mode)} out` : "veth");
  } catch (error) {
    const later = cameLater(mode);
    if (!(error instanceof BpfError)) throw error;
    return later !== undefined && error.code === "UNSUPPORTED" ? absent(feature, later) : failed(feature, error.message);
  } finally {
    await engine.close();
  }
}

async function attempt(feature: string, work: () => Promise<string>): Promise<Outcome> {
  try {
    return passed(feature, await work());
  } catch (error) {
    return failed(feature, error instanceof Error ? error.message : String(error));
  }
}

function send(wire: Wire, direction: Direction, frames: readonly Buffer[]): void {
  if (direction === "in") wire.sendIn(frames);
  else wire.sendOut(frames);
}

/** Every named case of the parser as a frame over the wire; answers with how many agreed. */
async function parse(mode: AttachMode, direction: Direction): Promise<string> {
  await using session = new Session({ snaplen: 4096 }, mode, egressOf(mode));
  const seen = cases.filter((c) => reaches(c, direction, mode));
  send(
    session.wire,
    direction,
    seen.map((c) => c.frame),
  );
  await session.settle(direction, seen.length);
  const wrong = seen.flatMap((c, i) => differences(c, session.records[i]));
  if (session.records.length !== seen.length) wrong.unshift(`${session.records.length} records of ${seen.length} frames`);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  return `${seen.length} agree`;
}

/** Frames, bytes and records of a burst, to the packet; the device's own counter is the second opinion. */
async function count(mode: AttachMode, direction: Direction): Promise<string> {
  await using session = new Session({}, mode, egressOf(mode));
  const before = session.wire.stats();
  const frames = Array.from({ length: FRAMES }, (_, i) =>
    ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i & 0xffff, payload: Buffer.alloc(i % 400, i) }) })),
  );
  send(session.wire, direction, frames);
  const row = await session.settle(direction, FRAMES);
  const side = direction === "in" ? "rx" : "tx";
  const got = {
    frames: row.total.frames,
    bytes: row.total.bytes,
    udp: row.proto.udp4.frames,
    device: session.wire.stats()[side].packets - before[side].packets,
    records: session.records.length,
    ports: new Set(session.records.map((rec) => rec.sportBe)).size,
  };
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  const wanted = { frames: FRAMES, bytes, udp: FRAMES, device: FRAMES, records: FRAMES, ports: FRAMES };
  const wrong = Object.entries(wanted).filter(([name, value]) => got[name as keyof typeof got] !== value);
  if (wrong.length > 0) throw new Error(wrong.map(([name, value]) => `${name}: ${got[name as keyof typeof got]}, not ${value}`).join("; "));
  return `${FRAMES} exact`;
}

/** Random bytes behind every EtherType the parser knows: each is counted in one class and recorded once. */
async function chaos(mode: AttachMode, direction: Direction, seed: number): Promise<string> {
  await using session = new Session({ snaplen: 32 }, mode, egressOf(mode));
  const random = seeded(seed);
  const frames = Array.from({ length: FRAMES }, (_, i) => {
    const type = random.pick([0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x88cc]);
    // The stack drops a frame that ends inside its outer tag.
    const payload = random.bytes(random.between(8, 120));
    // Past the version nibble, or nearly all would end there.
    if (i % 2 === 0) payload[0] = type === 0x0800 ? 0x45 : 0x60;
    return ether(type, payload);
  });
  send(session.wire, direction, frames);
  const row = await session.settle(direction, FRAMES);
  const malformed = Object.values(row.malformed).reduce((sum, n) => sum + n, 0);
  const got = [row.total.frames, row.delivered, session.records.length];
  if (got.some((n) => n !== FRAMES)) throw new Error(`counted, delivered, recorded: ${got.join(", ")} of ${FRAMES}`);
  if (malformed === 0) throw new Error("none was found malformed");
  return `${FRAMES} exact`;
}
