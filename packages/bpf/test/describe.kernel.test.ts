import { describe, expect, test } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { translateFilters } from "../src/index.ts";
import { filter } from "./support/compile.ts";
import { ether, ipv4, tcp } from "./support/frames.ts";
import { until } from "./support/netns.ts";
import { Session } from "./support/session.ts";

const gate = gated(needs.root, needs.btf, needs.tcpdump, needs.tcpreplay);

describe.skipIf(gate.skip)(gate.name("what an engine has in the kernel"), () => {
  test("programs and maps with their size; filters come, and go with their set", async () => {
    await using session = new Session({ ringBytes: 1 << 20 });
    const { engine } = session;
    const before = engine.describe();
    const names = before?.programs.map(({ name }) => name) ?? [];
    expect(names).toEqual(expect.arrayContaining(["sonde_tc_in", "sonde_tc_out", "sonde_xdp_in", "sonde_socket"]));
    for (const { instructions, memoryBytes, type } of before?.programs ?? []) {
      expect(instructions).toBeGreaterThan(1);
      expect(memoryBytes).toBeGreaterThan(0);
      expect(["xdp", "sched_cls", "socket_filter"]).toContain(type);
    }
    const maps = new Map(before?.maps.map((map) => [map.name, map]));
    expect(maps.get("ring")).toMatchObject({ type: "ringbuf", maxEntries: 1 << 20, entries: 0 });
    expect(maps.get("ring")?.memoryBytes).toBeGreaterThan(1 << 20);
    expect(maps.get("flows_a")).toMatchObject({ type: "hash", maxEntries: 32_768, entries: 0 });
    expect(maps.get("flow_tables")).toMatchObject({ type: "array", entries: null });

    const set = { number: 3, filters: [filter("tcp")] };
    const loading = engine.loadFilters(translateFilters(set, engine.filterTarget()), set.filters);
    expect(engine.describe()).toBeNull();
    await loading;
    const matching = engine.describe()?.programs.filter(({ name }) => name.startsWith("sonde_match_")) ?? [];
    expect(matching.map(({ name }) => name)).toContain("sonde_match_tc_ethernet");
    expect(matching.every(({ instructions }) => instructions > 10)).toBe(true);
    engine.setFilters({ number: 0, filters: [] });
    expect(engine.describe()?.programs.map(({ name }) => name)).toEqual(names);
  });

  test("counts of maps: Sonde's own endpoints, and flows that a drain found beside the tables of the CPUs", async () => {
    await using session = new Session();
    const { engine, wire } = session;
    engine.setOwnEndpoints([{ family: 4, address: new Uint8Array(16), port: 80 }]);
    const entries = (name: string): number | null | undefined => engine.describe()?.maps.find((map) => map.name === name)?.entries;
    expect(entries("own_endpoints")).toBe(1);
    // More flows than there are places for one CPU (2,048).
    wire.sendIn(
      Array.from({ length: 3000 }, (_, i) => ether(0x0800, ipv4({ proto: 6, payload: tcp({ sport: i + 1 }) }))),
      "-K",
      "--pps=30000",
    );
    await until("all are counted", () => session.row("in").total.frames === 3000);
    await engine.drainFlows();
    expect((entries("flows_a") ?? 0) + (entries("flows_b") ?? 0)).toBeGreaterThan(0);
  });
});
