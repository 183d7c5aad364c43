import { BpfError, attachModes, type AttachMode, type EgressMode } from "../../../packages/bpf/src/index.ts";
import { Session } from "../../../packages/bpf/test/support/session.ts";
import { type Check, type Outcome, absent, failed, passed } from "../outcome.ts";
import { cameLater } from "../since.ts";
import { type Direction, type Line, chaos, count, parse } from "./bursts.ts";

/** XDP sees incoming packets only; what goes out beside it is taken by the best hook of this kernel. */
const isXdp = (mode: AttachMode): mode is Exclude<AttachMode, EgressMode> => mode === "xdp-native" || mode === "xdp-generic";
const directionsOf = (mode: AttachMode): readonly Direction[] => (isXdp(mode) ? ["in"] : ["in", "out"]);
const egressOf = (mode: AttachMode): EgressMode => (!isXdp(mode) ? mode : cameLater("tcx") === undefined ? "tcx" : "clsact");

/** Each hook of the engine's own list on a veth; where it holds, real traffic through it. */
export const hooks: Check = {
  name: "hooks",
  async *run({ seed }) {
    for (const mode of attachModes) yield* tryHook(mode, seed);
  },
};

async function* tryHook(mode: AttachMode, seed: number): AsyncGenerator<Outcome> {
  const attached = attach(mode);
  if ("feature" in attached) return yield attached;
  await using session = attached;
  await session.engine.stop(); // each burst starts the reader anew
  yield passed(`attach ${mode}`, isXdp(mode) ? `veth, ${egressOf(mode)} out` : "veth");
  for (const direction of directionsOf(mode)) {
    const line: Line = { session, mode, direction };
    yield await attempt(`parser cases, ${mode} ${direction}`, () => parse(line));
    yield await attempt(`counts, ${mode} ${direction}`, () => count(line));
    yield await attempt(`random frames, ${mode} ${direction}`, () => chaos(line, seed));
  }
}

/** A session on a wire of its own, or why there is none. */
function attach(mode: AttachMode): Session | Outcome {
  try {
    return new Session({}, mode, egressOf(mode));
  } catch (error) {
    if (!(error instanceof BpfError)) throw error;
    const later = cameLater(mode);
    const feature = `attach ${mode}`;
    return later !== undefined && error.code === "UNSUPPORTED" ? absent(feature, later) : failed(feature, error.message);
  }
}

async function attempt(feature: string, work: () => Promise<string>): Promise<Outcome> {
  try {
    return passed(feature, await work());
  } catch (error) {
    return failed(feature, error instanceof Error ? error.message : String(error));
  }
}
