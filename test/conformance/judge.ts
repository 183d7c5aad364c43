/** What the programs in the kernel answered, held against libpcap's answers; runs in a booted kernel too, where there is no libpcap. */
import type { ClassicInstruction } from "../../packages/filter/src/index.ts";
import { type Capture, type Captured, ETHERNET } from "../support/captures.ts";

export const hooks = ["xdp", "tc"] as const;
export type Hook = (typeof hooks)[number];

/** Per packet: bit i for filter i, or why it could not be run. */
export type Verdicts = readonly (bigint | string)[];
/** Runs packets through filters in the kernel, on every hook. */
export type Matcher = (
  programs: readonly (readonly ClassicInstruction[])[],
  packets: readonly Captured[],
  ethernet: boolean,
) => Readonly<Record<Hook, Verdicts>>;

/** An expression, its bytecode, and the 1-based numbers of the packets that libpcap takes. */
export type Chosen = {
  readonly expression: string;
  readonly program: readonly ClassicInstruction[];
  readonly numbers: ReadonlySet<number>;
};

export type Tally = {
  /** Expressions × captures that were compared on every hook. */
  cases: number;
  /** Expressions that libpcap refuses; they were replaced by others. */
  refused: number;
  /** Expressions whose answer libpcap takes from memory it has not written (see readsUnwritten); replaced as well. */
  undefined: number;
  /** Answers compared, and among them those that said yes. */
  answers: number;
  matches: number;
  /** Packets × hooks that no test run accepts, by reason. */
  readonly excluded: Map<string, number>;
  readonly differences: string[];
};

export const emptyTally = (): Tally => ({
  cases: 0,
  refused: 0,
  undefined: 0,
  answers: 0,
  matches: 0,
  excluded: new Map(),
  differences: [],
});

/** Runs one set over one capture on every hook, and adds up how it compares. */
export function judge(
  capture: Pick<Capture, "name" | "linkType" | "packets">,
  chosen: readonly Chosen[],
  matcher: Matcher,
  tally: Tally,
): void {
  const programs = chosen.map(({ program }) => program);
  const verdicts = matcher(programs, capture.packets, capture.linkType === ETHERNET);
  for (const hook of hooks) {
    for (const [at, verdict] of verdicts[hook].entries()) {
      if (typeof verdict === "string") {
        tally.excluded.set(`${hook}: ${verdict}`, (tally.excluded.get(`${hook}: ${verdict}`) ?? 0) + 1);
        continue;
      }
      for (const [i, { expression, numbers }] of chosen.entries()) {
        const ours = ((verdict >> BigInt(i)) & 1n) === 1n;
        const theirs = numbers.has(at + 1);
        tally.answers++;
        if (theirs) tally.matches++;
        if (ours !== theirs)
          tally.differences.push(`${capture.name} packet ${at + 1} on ${hook}: ${theirs ? "missed" : "wrongly matched"} by ${expression}`);
      }
    }
  }
  tally.cases += chosen.length;
}

/** One line that sums a run up. */
export function summary(tally: Tally): string {
  const excluded = [...tally.excluded].map(([reason, count]) => `${count} × ${reason}`).join("; ") || "none";
  return (
    `${tally.cases} expressions × captures on ${hooks.length} hooks, ${tally.answers} answers, ${tally.matches} matches; ` +
    `expressions left out: ${tally.refused} refused by libpcap, ${tally.undefined} without a defined answer; packets excluded: ${excluded}; ${tally.differences.length} differences`
  );
}
