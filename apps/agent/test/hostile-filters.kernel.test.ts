import { type Engine, openEngine } from "@sonde/bpf";
import { type FilterProgram, type FiltersAck, headerAt, hubMessageSchema, viewOf } from "@sonde/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeBatch, decodeFilterCounters, filterGap } from "../../../packages/bpf/test/support/decode.ts";
import { ether, ipv4, tcp, udp } from "../../../packages/bpf/test/support/frames.ts";
import { Wire, until } from "../../../packages/bpf/test/support/netns.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { chooseSeed } from "../../../test/support/random.ts";
import { judgeFilters } from "../src/capture/filter-set.ts";
import { FilterTaker } from "../src/capture/filter-taker.ts";

/*
 * A hub that lies: its messages go through the agent's own schema and filter taker into this kernel, while a sound
 * set is in force on a wire. Whatever is refused is refused in words, and packets are matched as before.
 */

const gate = gated(needs.root, needs.btf, needs.tcx, needs.tcpreplay);
const seed = chooseSeed(process.env["SONDE_SEED"]);
/** `udp` over IPv4, for Ethernet. */
const sound: FilterProgram = [
  [0x28, 0, 0, 12],
  [0x15, 0, 3, 0x0800],
  [0x30, 0, 0, 23],
  [0x15, 0, 1, 17],
  [0x06, 0, 0, 65_535],
  [0x06, 0, 0, 0],
];
const all: FilterProgram = [[0x06, 0, 0, 1]];
const nothing: FilterProgram = [[0x06, 0, 0, 0]];
const frames = [ether(0x0800, ipv4({ proto: 17, payload: udp() })), ether(0x0800, ipv4({ proto: 6, payload: tcp() }))];

let wire: Wire;
let engine: Engine;
let take: (message: unknown) => Promise<FiltersAck>;
let number = 0;
/** The number of each record's set, with the protocol of its packet. */
const records: (readonly [set: number, proto: number])[] = [];

const one = (program: unknown, more: object = {}) => ({
  id: "x",
  expression: "a lie",
  ethernet: program,
  raw: program,
  sampleN: 1,
  snaplen: 64,
  ...more,
});
const send = (...filters: object[]): Promise<FiltersAck> => take({ type: "filters", number: ++number, filters });

/** One packet of each kind over the wire: exactly the UDP one is recorded, for the set of this number. */
async function works(set: number): Promise<void> {
  const before = matchedBy(set);
  const had = records.length;
  wire.sendIn(frames);
  await until("the packet is matched and recorded", () => matchedBy(set) === before + 1 && records.length > had);
  expect(records.slice(had)).toEqual([[set, 17]]);
}

function matchedBy(set: number): number {
  const rows = decodeFilterCounters(engine.readFilterCounters()).filter((row) => row.filterSet === set);
  expect(rows.map(filterGap)).toEqual([0]);
  return rows[0]?.matched ?? -1;
}

async function installSound(): Promise<number> {
  expect(await send(one(sound))).toMatchObject({ ok: true, report: { number } });
  await works(number);
  return number;
}

describe.skipIf(gate.skip)(gate.name(`filters of a hub that lies (SONDE_SEED=${seed})`), () => {
  beforeAll(() => {
    wire = new Wire();
    engine = openEngine();
    engine.attach(wire.ifindex, "tcx");
    engine.start(
      (batch) => {
        const set = viewOf(batch).getUint32(headerAt.filterSet, true);
        for (const record of decodeBatch(batch)) records.push([set, record.ipProto]);
      },
      { flushMs: 0 },
    );
    const taker = new FilterTaker({
      engine,
      judge: (task) => Promise.resolve(judgeFilters(task, () => null)),
      beforeLoad: () => undefined,
      prepared: (message) => message,
      limited: ({ filters }) => filters,
      onReplaced: () => undefined,
      onTrouble: () => undefined,
      onInForce: () => undefined,
    });
    // As the session does with what comes from the socket (uplink/session.ts).
    take = async (message) => {
      const parsed = hubMessageSchema.safeParse(JSON.parse(JSON.stringify(message)));
      if (!parsed.success) return { ok: false, code: "BAD_REQUEST", detail: parsed.error.issues[0]?.message ?? "" };
      if (parsed.data.type !== "filters") throw new Error("not a set of filters");
      return taker.take(parsed.data);
    };
  });
  afterAll(async () => {
    await engine.close();
    wire[Symbol.dispose]();
  });

  const long = Array.from({ length: 4097 }, () => all[0]);
  test.each<[name: string, filters: object[], code: string, words: RegExp]>([
    ["a jump backwards", [one([[0x05, 0, 0, 0xffff_ffff], ...all])], "FILTER_INVALID", /instruction 0: jump out of the program/],
    ["a jump behind the end", [one([[0x15, 1, 0, 0], ...all])], "FILTER_INVALID", /instruction 0: jump out of the program/],
    ["no return", [one([[0x30, 0, 0, 0]])], "FILTER_INVALID", /does not end in a return/],
    ["no instruction", [one([])], "BAD_REQUEST", /Too small/],
    ["division by the constant 0", [one([[0x34, 0, 0, 0], ...all])], "FILTER_INVALID", /division by zero/],
    ["remainder by the constant 0", [one([[0x94, 0, 0, 0], ...all])], "FILTER_INVALID", /division by zero/],
    ["an opcode that is none", [one([[0xff, 0, 0, 0], ...all])], "FILTER_INVALID", /unknown opcode/],
    ["an opcode of eBPF (mov r0, 1)", [one([[0xb7, 0, 0, 1], ...all])], "FILTER_INVALID", /unknown opcode/],
    ["an opcode of eBPF (exit)", [one([[0x95, 0, 0, 0], ...all])], "FILTER_INVALID", /unknown opcode/],
    ["an opcode beyond 16 bits", [one([[0x1_0006, 0, 0, 0]])], "BAD_REQUEST", /Too big/],
    ["a negative operand", [one([[0x06, 0, 0, -1]])], "BAD_REQUEST", /Too small/],
    ["half an instruction", [one([[0x06, 0]])], "BAD_REQUEST", /./],
    ["a shift by 32", [one([[0x64, 0, 0, 32], ...all])], "FILTER_INVALID", /shift by 32 or more/],
    ["a load at 2^32 - 1", [one([[0x20, 0, 0, 0xffff_ffff], ...all])], "FILTER_INVALID", /load beyond any packet/],
    ["a load at 2^31", [one([[0x30, 0, 0, 0x8000_0000], ...all])], "FILTER_INVALID", /load beyond any packet/],
    ["scratch word 16", [one([[0x60, 0, 0, 16], ...all])], "FILTER_INVALID", /scratch word out of range/],
    ["a store to scratch word 2^32 - 1", [one([[0x03, 0, 0, 0xffff_ffff], ...all])], "FILTER_INVALID", /scratch word out of range/],
    // SKF_AD_OFF + protocol, ifindex, mark, CPU, random, VLAN tag, payload offset (linux/filter.h)
    ...[0, 8, 20, 36, 56, 44, 52].map((at): [string, object[], string, RegExp] => [
      `ancillary data ${at}`,
      [one([[0x20, 0, 0, 0xffff_f000 + at], ...all])],
      "FILTER_INVALID",
      /load beyond any packet/,
    ]),
    ["link-layer data (SKF_LL_OFF)", [one([[0x30, 0, 0, 0xffe0_0000], ...all])], "FILTER_INVALID", /load beyond any packet/],
    ["4,097 instructions", [one(long)], "BAD_REQUEST", /Too big/],
    [
      "more than 65,536 instructions in all",
      Array.from({ length: 9 }, () => one(long.slice(0, 4096))),
      "BAD_REQUEST",
      /more than 65536 instructions/,
    ],
    ["65 filters", Array.from({ length: 65 }, () => one(all)), "BAD_REQUEST", /Too big/],
    ["1 in 0", [one(all, { sampleN: 0 })], "BAD_REQUEST", /Too small/],
    ["1 in 1.5", [one(all, { sampleN: 1.5 })], "BAD_REQUEST", /Invalid input/],
    ["65,536 bytes of each packet", [one(all, { snaplen: 65_536 })], "BAD_REQUEST", /Too big/],
    ["-1 bytes of each packet", [one(all, { snaplen: -1 })], "BAD_REQUEST", /Too small/],
    ["an expression of 9 kB", [one(all, { expression: "x".repeat(9000) })], "BAD_REQUEST", /Too big/],
    [
      "too long once translated",
      [one([...Array.from({ length: 4095 }, (_, i) => [0x20, 0, 0, i]), [0x16, 0, 0, 0]])],
      "FILTER_REFUSED",
      /too long to be translated/,
    ],
    ["a lie behind sound ones", [one(sound), one(all), one([[0x30, 0, 0, 0]])], "FILTER_INVALID", /^filter 2 \(a lie\), ethernet/],
    ["a lie for devices without link header alone", [one(sound, { raw: [[0x30, 0, 0, 0]] })], "FILTER_INVALID", /^filter 0 \(a lie\), raw/],
  ])("%s: refused in words, and the set before goes on", async (_name, filters, code, words) => {
    const before = await installSound();
    const answer = await send(...filters);
    expect(answer).toMatchObject({ ok: false, code });
    expect(answer.ok ? "" : answer.detail).toMatch(words);
    await works(before);
  });

  test.each<[name: string, program: FilterProgram, matches: boolean]>([
    ["division by an X of 0 takes nothing, as in the kernel", [[0x01, 0, 0, 0], [0x3c, 0, 0, 0], ...all], false],
    ["remainder by an X of 0 takes nothing", [[0x01, 0, 0, 0], [0x9c, 0, 0, 0], ...all], false],
    ["a load behind the packet takes nothing", [[0x30, 0, 0, 60_000], ...all], false],
    [
      "an index that wraps to before the packet takes nothing",
      [[0x01, 0, 0, 0x8000_0000], [0x50, 0, 0, 0x7fff_ffff & 0xffff], ...all],
      false,
    ],
    ["a scratch word that nobody wrote is 0", [[0x60, 0, 0, 7], [0x15, 0, 1, 0], ...all, ...nothing], true],
    ["the packet type is known", [[0x20, 0, 0, 0xffff_f004], [0x15, 1, 0, 4], ...all, ...nothing], true],
  ])("%s", async (_name, program, matches) => {
    expect(await send(one(program), one(sound))).toMatchObject({ ok: true });
    const had = records.length;
    wire.sendIn(frames);
    await until("recorded", () => records.length >= had + (matches ? 2 : 1));
    const rows = decodeFilterCounters(engine.readFilterCounters()).filter((row) => row.filterSet === number);
    expect(rows.map(({ matched }) => matched)).toEqual([matches ? 2 : 0, 1]);
  });

  test("programs by chance: taken or refused in words, and nothing changes by what is refused", { timeout: 300_000 }, async () => {
    const code = fc.oneof(
      {
        weight: 60,
        arbitrary: fc.constantFrom(
          0x20,
          0x28,
          0x30,
          0x40,
          0x50,
          0x00,
          0x01,
          0x80,
          0xb1,
          0x60,
          0x61,
          0x02,
          0x03,
          0x04,
          0x0c,
          0x3c,
          0x54,
          0x6c,
          0x05,
          0x15,
          0x1d,
          0x25,
          0x45,
          0x06,
          0x16,
          0x07,
          0x87,
        ),
      },
      { weight: 1, arbitrary: fc.nat(0xffff) },
    );
    const small = fc.oneof({ weight: 40, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(255) });
    const k = fc.oneof(
      { weight: 40, arbitrary: fc.nat(15) },
      { weight: 1, arbitrary: fc.nat(0xffff_ffff) },
      { weight: 1, arbitrary: fc.constantFrom(0xffff_ffff, 0xffff_f000, 0x7fff_ffff, 1500) },
    );
    const body = fc.array(fc.tuple(code, small, small, k), { maxLength: 6 });
    // Most of them end as a program must.
    const program = fc
      .tuple(body, fc.boolean())
      .map(([instructions, ends]): FilterProgram => (ends ? [...instructions, [0x06, 0, 0, 1]] : instructions));
    const set = fc.array(fc.tuple(program, program), { minLength: 1, maxLength: 2 });
    const tally = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(set, async (programs) => {
        const before = await installSound();
        const answer = await send(...programs.map(([ethernet, raw]) => one(ethernet, { raw })));
        if (answer.ok) {
          tally.taken++;
          return;
        }
        tally.refused++;
        expect(answer.code).toMatch(/^(BAD_REQUEST|FILTER_INVALID|FILTER_REFUSED)$/);
        expect(answer.detail).not.toBe("");
        await works(before);
      }),
      { seed: seed | 0, numRuns: 80, examples: [[[[sound, all]]]] },
    );
    process.stdout.write(`SONDE_SEED=${seed}: ${tally.taken} taken, ${tally.refused} refused\n`);
    expect(tally.taken).toBeGreaterThan(0);
    expect(tally.refused).toBeGreaterThan(0);
    await installSound();
  });
});
