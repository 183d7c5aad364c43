import { type Engine, openEngine, translateFilters } from "@sonde/bpf";
import { verifyClassic } from "@sonde/filter";
import type { FilterProgram, FiltersAck } from "@sonde/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { type Random, chooseSeed, seeded } from "../../../test/support/random.ts";
import { measureCost } from "../src/capture/filter-cost.ts";
import { judgeFilters } from "../src/capture/filter-set.ts";
import { FilterTaker } from "../src/capture/filter-taker.ts";

/* What a hub may send, sound or not, against the programs in this host's kernel. */

const all: FilterProgram = [[0x06, 0, 0, 65_535]];
/** `tcp`, as tcpdump -dd has it for Ethernet, but for IPv6. */
const tcp: FilterProgram = [
  [0x28, 0, 0, 12],
  [0x15, 0, 3, 0x0800],
  [0x30, 0, 0, 23],
  [0x15, 0, 1, 6],
  [0x06, 0, 0, 65_535],
  [0x06, 0, 0, 0],
];
const seed = chooseSeed(process.env["SONDE_SEED"]);
let engine: Engine;
let taker: FilterTaker;
let number = 0;

const gate = gated(needs.root, needs.btf);

describe.skipIf(gate.skip)(gate.name(`filters from the hub (SONDE_SEED=${seed})`), () => {
  beforeAll(() => {
    engine = openEngine();
    taker = new FilterTaker({
      engine,
      judge: (task) => Promise.resolve(judgeFilters(task, () => null)),
      beforeLoad: () => undefined,
      prepared: (message) => message,
      limited: ({ filters }) => filters,
      onReplaced: () => undefined,
      onTrouble: () => undefined,
      onInForce: () => undefined,
    });
  });
  afterAll(() => engine.close());

  test("a set of 64 filters is held, and costs more than none", async () => {
    const answer = await send(...Array.from({ length: 64 }, () => tcp));
    expect(answer).toMatchObject({ ok: true });
    const each = { ethernet: classic(tcp), raw: classic(tcp), sampleN: 1, snaplen: 64 };
    const cost = (filters: number): number | null =>
      measureCost(
        translateFilters({ number: Math.min(1, filters), filters: Array.from({ length: filters }, () => each) }, engine.filterTarget()),
      );
    const one = cost(0);
    const many = cost(64);
    if (one === null || many === null) throw new Error("this kernel measures nothing");
    expect(one).toBeGreaterThan(0);
    expect(many).toBeGreaterThan(one);
  });

  test.each<[string, FilterProgram]>([
    ["an index far beyond any packet", [[0x01, 0, 0, 0xffff_ffff], [0x40, 0, 0, 0xff00], ...all]],
    ["an index that wraps to before it", [[0x01, 0, 0, 0x8000_0000], [0x48, 0, 0, 0xffff_fff0], ...all]],
    ["division by an X of zero", [[0x01, 0, 0, 0], [0x3c, 0, 0, 0], ...all]],
    ["remainder by an X of zero", [[0x01, 0, 0, 0], [0x9c, 0, 0, 0], ...all]],
    [
      "shift by an X beyond the word",
      [
        [0x01, 0, 0, 200],
        [0x6c, 0, 0, 0],
        [0x16, 0, 0, 0],
      ],
    ],
    [
      "a scratch word nobody wrote",
      [
        [0x60, 0, 0, 15],
        [0x16, 0, 0, 0],
      ],
    ],
    ["code that is never reached", [[0x05, 0, 0, 1], [0x20, 0, 0, 0], ...all]],
  ])("lies that verify are harmless: %s", async (_name, program) => {
    settles(await send(program, tcp));
  });

  test("programs by chance are taken or refused in words, and a sound set is taken after each", async () => {
    const random = seeded(seed);
    let taken = 0;
    for (let round = 0; round < 24; round++) {
      const answer = await send(...Array.from({ length: 4 }, () => program(random)));
      settles(answer);
      if (answer.ok) taken++;
      expect(await send(tcp)).toMatchObject({ ok: true });
    }
    expect(taken).toBeGreaterThan(0);
  });
});

function send(...programs: FilterProgram[]): Promise<FiltersAck> {
  number++;
  const filters = programs.map((each) => ({ id: "x", expression: "?", ethernet: each, raw: each, sampleN: 1, snaplen: 64 }));
  return taker.take({ type: "filters", number, filters });
}

/** Taken, or refused by one of the two verifiers; never an error of another kind. */
function settles(answer: FiltersAck): void {
  if (!answer.ok) expect(answer).toMatchObject({ code: expect.stringMatching(/^FILTER_(INVALID|REFUSED)$/) });
}

const classic = (from: FilterProgram) => from.map(([code, jt, jf, k]) => ({ code, jt, jf, k }));

const opcodes = [0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x00, 0x01, 0x80, 0x81, 0xb1, 0x60, 0x61, 0x02, 0x03];
const operations = [0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x3c, 0x44, 0x4c, 0x54, 0x5c, 0x6c, 0x7c, 0x84, 0x9c, 0xa4, 0x07, 0x87];
const jumps = [0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d];

/** Up to 60 instructions that verify, jumps and operands by chance. */
function program(random: Random): FilterProgram {
  for (;;) {
    const length = random.between(3, 60);
    const made: FilterProgram = Array.from({ length }, (_, at): FilterProgram[number] => {
      const left = length - at - 1;
      const k = random.pick([0, 1, random.below(16), random.below(2048), random.below(2 ** 32)]);
      if (random.once(3)) return [random.pick(jumps), random.below(Math.min(left, 256) || 1), random.below(Math.min(left, 256) || 1), k];
      return [random.pick(random.once(2) ? opcodes : operations), 0, 0, random.once(4) ? k : random.below(16)];
    });
    made.push([0x16, 0, 0, 0]);
    if (verifyClassic(classic(made)) === null) return made;
  }
}
