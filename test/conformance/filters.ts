/**
 * Random expressions over captures, by the programs in the kernel and by libpcap itself: every packet
 * that a test run accepts must get the same answer.
 */
import { type ClassicInstruction, LinkType, compileFilter, verifyClassic } from "../../packages/filter/src/index.ts";
import { type Capture, type Captured, ETHERNET } from "../support/captures.ts";
import { Expressions, valuesOf } from "../support/expressions.ts";
import type { Random } from "../support/random.ts";
import { askLibpcap } from "./reference.ts";
import { readsUnwritten } from "./unwritten.ts";

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

/** Expressions in one match program; more make the verifier slower by more than they save. */
const MAX_SET = 8;
const MAX_DIFFERENCES = 50;

export type Plan = { readonly random: Random; readonly captures: readonly Capture[]; readonly cases: number; readonly matcher: Matcher };

/** Compares at least `cases` expressions, over the captures in turn. */
export async function compareFilters(
  { random, captures, cases, matcher }: Plan,
  progress: (tally: Tally) => void = () => {},
): Promise<Tally> {
  const tally: Tally = { cases: 0, refused: 0, undefined: 0, answers: 0, matches: 0, excluded: new Map(), differences: [] };
  const usable = captures.filter(({ packets }) => packets.length > 0);
  const share = Math.min(MAX_SET, Math.max(1, Math.ceil(cases / usable.length)));
  for (let turn = 0; tally.cases < cases && tally.differences.length < MAX_DIFFERENCES; turn++) {
    const capture = usable[turn % usable.length] as Capture;
    await compareOne(capture, Math.min(share, cases - tally.cases), { random, matcher, tally });
    progress(tally);
  }
  return tally;
}

type Chosen = { readonly expression: string; readonly program: readonly ClassicInstruction[]; readonly numbers: ReadonlySet<number> };
type Context = { readonly random: Random; readonly matcher: Matcher; readonly tally: Tally };

async function compareOne(capture: Capture, count: number, { random, matcher, tally }: Context): Promise<void> {
  const ethernet = capture.linkType === ETHERNET;
  const maker = new Expressions(random, valuesOf(capture.packets, ethernet ? 14 : 0));
  const tried = Array.from({ length: 2 * count }, () => maker.next());
  const { answers, lengths } = askLibpcap(capture.path, tried);
  if (lengths.length !== capture.packets.length)
    tally.differences.push(`${capture.name}: libpcap reads ${lengths.length} packets, we read ${capture.packets.length}`);
  const chosen: Chosen[] = [];
  for (const [i, expression] of tried.entries()) {
    const answer = answers[i];
    if (chosen.length === count) break;
    if (!answer?.ok) {
      tally.refused++;
      continue;
    }
    const { program } = answer;
    const fault = verifyClassic(program);
    if (fault !== null) throw new Error(`${expression}: instruction ${fault.at}: ${fault.reason}`);
    if (chosen.length === 0) await checkCompiler(expression, ethernet, program);
    if (readsUnwritten(program)) tally.undefined++;
    else chosen.push({ expression, program, numbers: new Set(answer.numbers) });
  }
  const programs = chosen.map(({ program }) => program);
  const verdicts = matcher(programs, capture.packets, ethernet);
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

/** Our own compiler, a process for each expression, must make the same of it. */
async function checkCompiler(expression: string, ethernet: boolean, program: readonly ClassicInstruction[]): Promise<void> {
  const compiled = await compileFilter(expression, ethernet ? LinkType.ethernet : LinkType.raw, { timeoutMs: 10_000 });
  if (!compiled.ok) throw new Error(`libpcap takes what our compiler refuses: ${expression}: ${compiled.fault.message}`);
  if (JSON.stringify(compiled.program) !== JSON.stringify(program)) throw new Error(`our compiler makes something else of ${expression}`);
}

/** One line that sums a run up. */
export function summary(tally: Tally): string {
  const excluded = [...tally.excluded].map(([reason, count]) => `${count} × ${reason}`).join("; ") || "none";
  return (
    `${tally.cases} expressions × captures on ${hooks.length} hooks, ${tally.answers} answers, ${tally.matches} matches; ` +
    `expressions left out: ${tally.refused} refused by libpcap, ${tally.undefined} without a defined answer; packets excluded: ${excluded}; ${tally.differences.length} differences`
  );
}
