import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { BpfError, type ClassicInstruction, type Engine, type Filter, openEngine, translateFilters } from "../src/index.ts";
import { filter } from "./support/compile.ts";
import { decodeFilterCounters, filterGap, ledgerGap } from "./support/decode.ts";
import { ether, ipv4, tcp } from "./support/frames.ts";
import { until } from "./support/netns.ts";
import { Session } from "./support/session.ts";

const gate = gated(needs.root, needs.btf, needs.tcpdump, needs.bpftool);
const NEVER = { sampleN: 0xffffffff, snaplen: 0 };
const frames = Array.from({ length: 20 }, () => ether(0x0800, ipv4({ proto: 6, payload: tcp({ payload: Buffer.alloc(200) }) })));

describe.skipIf(gate.skip)(gate.name("rates while programs stay"), () => {
  test("N and snaplen change for the set in force, by no new program, and each filter's ledger balances", async () => {
    await using session = new Session();
    const { engine, wire } = session;
    engine.setFilters({ number: 7, filters: [filter("tcp"), filter("tcp port 443", { sampleN: 0xffffffff })] });
    const before = programs();
    expect(before.length).toBeGreaterThan(0);
    wire.sendIn(frames);
    await until("the first frames", () => session.row("in").total.frames === 20);
    engine.setRates([NEVER, { sampleN: 1, snaplen: 60 }]);
    wire.sendIn(frames);
    await until("the second frames", () => session.row("in").total.frames === 40);
    engine.setRates([NEVER, NEVER]);
    wire.sendIn(frames);
    const row = await session.settle("in", 60);
    expect(programs()).toEqual(before);
    expect([row.delivered, row.sampledOut, ledgerGap(row)]).toEqual([40, 20, 0]);
    expect(session.records.map((rec) => [rec.selected, rec.capLen])).toEqual([
      ...Array.from({ length: 20 }, () => [1, 128]),
      ...Array.from({ length: 20 }, () => [2, 60]),
    ]);
    const rows = decodeFilterCounters(engine.readFilterCounters()).filter((each) => each.filterSet === 7);
    expect(rows.map((each) => [each.matched, each.sampledOut, each.delivered, filterGap(each)])).toEqual([
      [60, 40, 20, 0],
      [60, 40, 20, 0],
    ]);
  });

  test("the built-in set has one rate, also again after filters; any other number is refused", () =>
    withEngine((engine) => {
      const inForce = (): void => engine.setRates([{ sampleN: 5, snaplen: 0 }]);
      inForce();
      expect(code(() => engine.setRates([]))).toBe("INVALID");
      engine.setFilters({ number: 1, filters: [filter("tcp"), filter("udp")] });
      expect(code(inForce)).toBe("INVALID");
      expect(code(() => engine.setRates([NEVER, { sampleN: 0, snaplen: 0 }]))).toBe("INVALID");
      expect(code(() => engine.setRates([NEVER, { sampleN: 1, snaplen: 4097 }]))).toBe("INVALID");
      engine.setFilters({ number: 0, filters: [] });
      inForce();
    }));
});

describe.skipIf(gate.skip)(gate.name("filters loaded off the thread"), () => {
  test("are in force when the promise resolves, and rates as given to it", async () => {
    await using session = new Session();
    const { engine, wire } = session;
    const translated = translateFilters({ number: 9, filters: [filter("tcp"), filter("udp")] }, engine.filterTarget());
    const report = await engine.loadFilters(translated, [{ sampleN: 1, snaplen: 20 }, NEVER]);
    expect(report.contexts).toHaveLength(6);
    wire.sendIn(frames);
    await session.settle("in", 20);
    expect(session.records.map((rec) => [rec.matched, rec.capLen])).toEqual(frames.map(() => [1, 20]));
  });

  test("programs of the set in force are replaced, and its counters, rates and number go on", async () => {
    await using session = new Session();
    const { engine, wire } = session;
    const set = (text: string) => ({ number: 9, filters: [filter(text), filter("tcp port 443", { snaplen: 60 })] });
    engine.setFilters(set("tcp"));
    wire.sendIn(frames);
    await until("the first frames", () => session.row("in").total.frames === 20);
    await engine.replaceFilters(translateFilters(set("udp"), engine.filterTarget("present")));
    wire.sendIn(frames);
    const row = await session.settle("in", 40);
    expect([row.delivered, ledgerGap(row)]).toEqual([40, 0]);
    expect(session.records.map((rec) => [rec.selected, rec.capLen])).toEqual([...frames.map(() => [3, 128]), ...frames.map(() => [2, 60])]);
    const rows = decodeFilterCounters(engine.readFilterCounters()).filter((each) => each.filterSet === 9);
    expect(rows.map((each) => [each.bit, each.matched, each.delivered, filterGap(each)])).toEqual([
      [0, 20, 20, 0],
      [1, 40, 40, 0],
    ]);
    const other = translateFilters({ ...set("udp"), number: 10 }, engine.filterTarget("present"));
    await expect(engine.replaceFilters(other)).rejects.toMatchObject({ code: "BUSY" });
    await expect(engine.replaceFilters(translateFilters(set("udp"), engine.filterTarget()))).rejects.toMatchObject({ code: "BUSY" });
  });

  test("one at a time; what another set overtook is refused; closing waits", () =>
    withEngine(async (engine) => {
      const set = (number: number) => translateFilters({ number, filters: [filter("tcp")] }, engine.filterTarget());
      const [first, stale] = [set(1), set(2)];
      const loading = engine.loadFilters(first, [NEVER]);
      await expect(engine.loadFilters(stale, [NEVER])).rejects.toMatchObject({ code: "BUSY" });
      expect(code(() => engine.setFilters({ number: 3, filters: [filter("udp")] }))).toBe("BUSY");
      engine.setRates([NEVER]); // of the set still in force
      await loading;
      await expect(engine.loadFilters(stale, [NEVER])).rejects.toMatchObject({ code: "BUSY" });
      await expect(engine.loadFilters(set(4), [])).rejects.toMatchObject({ code: "INVALID" });
      const last = engine.loadFilters(set(5), [NEVER]);
      await engine.close();
      expect((await last).contexts).toHaveLength(6);
      await expect(engine.loadFilters(stale, [NEVER])).rejects.toMatchObject({ code: "CLOSED" });
    }));

  test("a refusal comes with the verifier's words, and the set before it stays", () =>
    withEngine(async (engine) => {
      engine.setFilters({ number: 1, filters: [filter("tcp")] });
      const before = programs();
      const whole = translateFilters({ number: 2, filters: [filter("udp")] }, engine.filterTarget());
      const broken = { ...whole, programs: whole.programs.map((program) => program.slice(0, -8)) }; // without its exit
      await expect(engine.loadFilters(broken, [NEVER])).rejects.toMatchObject({ code: "LOAD", verifierLog: expect.stringMatching(/exit/) });
      expect(programs()).toEqual(before);
    }));

  test("a worker that ends, or is ended, while filters load takes the process down with neither", async () => {
    for (const ending of ["exit", "terminate"]) {
      const worker = new Worker(fileURLToPath(new URL("./support/loading.mjs", import.meta.url)), { workerData: { ending, long: long() } });
      const exited = new Promise<number>((resolve) => worker.on("exit", resolve));
      const failed = new Promise<Error>((resolve) => worker.on("error", resolve));
      await Promise.race([new Promise((resolve) => worker.once("message", resolve)), failed]);
      if (ending === "terminate") await worker.terminate();
      expect(await Promise.race([exited, failed])).toBe(ending === "exit" ? 0 : 1);
    }
  });
});

/** Takes the verifier long enough to be ended meanwhile. */
function long(): Filter {
  const program: ClassicInstruction[] = [{ code: 0x20, jt: 0, jf: 0, k: 26 }];
  while (program.length < 4095)
    program.push({ code: 0x45, jt: 0, jf: 0, k: program.length }, { code: 0x20, jt: 0, jf: 0, k: program.length });
  const whole = [...program.slice(0, 4095), { code: 0x16, jt: 0, jf: 0, k: 0 }];
  return { ethernet: whole, raw: whole, ...NEVER };
}

async function withEngine(body: (engine: Engine) => void | Promise<void>): Promise<void> {
  const engine = openEngine();
  try {
    await body(engine);
  } finally {
    await engine.close();
  }
}

function code(call: () => void): string {
  try {
    call();
    return "";
  } catch (error) {
    return error instanceof BpfError ? error.code : String(error);
  }
}

/** BPF_MAP_TYPE_PROG_ARRAY (linux/bpf.h) */
const PROG_ARRAY = 3;

/** Ids of the programs in this process's chains, as the kernel tells. */
function programs(): number[] {
  const ids = readdirSync("/proc/self/fdinfo").map((fd) => mapId(`/proc/self/fdinfo/${fd}`));
  const chains = [...new Set(ids)].filter((id) => id !== undefined);
  expect(chains).toHaveLength(3);
  return chains.flatMap((id) => entries(id).flatMap(({ value }) => (value === undefined ? [] : [idOf(value)])));
}

/** Of a chain; undefined for any other file. */
function mapId(fdinfo: string): number | undefined {
  if (!existsSync(fdinfo)) return undefined; // the folder itself, which is closed by now
  const text = readFileSync(fdinfo, "utf8");
  return text.includes(`map_type:\t${PROG_ARRAY}\n`) ? Number(/^map_id:\t(\d+)$/m.exec(text)?.[1]) : undefined;
}

type Entry = { readonly value?: readonly string[] };
const entries = (map: number): Entry[] =>
  JSON.parse(execFileSync("bpftool", ["-j", "map", "dump", "id", String(map)], { encoding: "utf8" })) as Entry[];
/** Little-endian bytes as hexadecimal text. */
const idOf = (bytes: readonly string[]): number => bytes.reduceRight((sum, byte) => sum * 256 + Number(byte), 0);
