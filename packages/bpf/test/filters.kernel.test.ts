import { describe, expect, test } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { BpfError, attachModes, openTestRun, type ClassicInstruction, type TestHook } from "../src/index.ts";
import { filter } from "./support/compile.ts";
import { decodeFilterCounters, filterGap } from "./support/decode.ts";
import { ether, ipv4, ipv6, tcp, udp } from "./support/frames.ts";
import { Session } from "./support/session.ts";

const gate = gated(needs.root, needs.btf, needs.tcpdump);
const syn = ether(0x0800, ipv4({ proto: 6, payload: tcp() }));
const long = ether(0x0800, ipv4({ proto: 6, payload: tcp({ payload: Buffer.alloc(400, 9) }) }));
const tagged = ether(0x0800, ipv4({ proto: 17, payload: udp() }), [0x8100, 5]);
const frames = [syn, ether(0x0800, ipv4({ proto: 17, payload: udp() })), ether(0x86dd, ipv6({ next: 6, payload: tcp() })), long, tagged];

/** Which of `frames` match, by their index. */
const expected: readonly (readonly [expression: string, matching: readonly number[]])[] = [
  ["tcp port 443", [0, 2, 3]],
  ["udp", [1]],
  ["vlan 5 and udp", [4]],
  ["ip6", [2]],
  ["len < 60", [0, 1, 4]],
  ["ether[200] = 9", [3]],
  ["ip[ip[0] & 15 + 100] = 9", [3]],
  ["tcp[tcpflags] & tcp-syn != 0 and not net 10.0.0.0/8", [0, 3]],
  ["ether[len - 1] = 9", [3]],
  ["ether[14 - 20] = 0", []],
  // The second byte of the address is 0.
  ["ether[0] / ether[1] >= 0", []],
];

describe.skipIf(gate.skip)(gate.name("filters in the kernel"), () => {
  test.each(["tc", "xdp"] as const)("%s: test runs say what libpcap says", (hook: TestHook) => {
    using run = Disposable.of(openTestRun({ filters: expected.map(([expression]) => filter(expression)) }));
    const results = run.value.run(
      frames.map((bytes) => ({ bytes, wireLen: bytes.length })),
      { hook, linkType: "ethernet" },
    );
    expected.forEach(([expression, matching], bit) => {
      const got = results.flatMap((result, index) => (result.ran && (result.matched >> BigInt(bit)) & 1n ? [index] : []));
      expect({ expression, got }).toEqual({ expression, got: [...matching] });
    });
  });

  test.each(["tc", "xdp"] as const)("%s: bare IP, cut captures and frames shorter than any header", (hook: TestHook) => {
    using run = Disposable.of(openTestRun({ filters: [filter("tcp port 443"), filter("len > 400")] }));
    const cut = long.subarray(14, 60);
    const packets = [...[syn, long].map((frame) => frame.subarray(14)), cut, Buffer.alloc(0), Buffer.of(0x45)];
    const results = run.value.run(
      packets.map((bytes) => ({ bytes, wireLen: bytes === cut ? 440 : bytes.length })),
      { hook, linkType: "raw" },
    );
    expect(results.map((result) => result.ran && result.matched)).toEqual([1n, 3n, 3n, 0n, 0n]);
  });

  test("a program that means nothing is refused, and the filters before it stay", () => {
    using run = Disposable.of(openTestRun({ filters: [filter("tcp")] }));
    const yes: ClassicInstruction = { code: 6, jt: 0, jf: 0, k: 1 };
    const hostile: readonly (readonly ClassicInstruction[])[] = [
      [],
      [{ code: 0x15, jt: 5, jf: 0, k: 1 }, yes],
      [{ code: 0x34, jt: 0, jf: 0, k: 0 }, yes],
      [{ code: 0x60, jt: 0, jf: 0, k: 16 }, yes],
      [{ code: 0xff, jt: 0, jf: 0, k: 0 }, yes],
      [{ code: 0x20, jt: 0, jf: 0, k: 0 }],
      Array.from({ length: 4097 }, () => yes),
    ];
    for (const ethernet of hostile) {
      expect(() => run.value.setFilters([{ ...filter("tcp"), ethernet }])).toThrow(BpfError);
    }
    const [result] = run.value.run([{ bytes: syn, wireLen: syn.length }], { hook: "tc", linkType: "ethernet" });
    expect(result).toMatchObject({ ran: true, matched: 1n });
  });

  test.each(["tc", "xdp"] as const)("%s: scratch words start as 0, whatever the filter before left there", (hook: TestHook) => {
    const op = (code: number, k: number, jt = 0, jf = 0): ClassicInstruction => ({ code, jt, jf, k });
    const writes = [op(0x00, 7), op(0x02, 3), op(0x60, 3), op(0x15, 7, 0, 1), op(0x06, 1), op(0x06, 0)];
    const reads = [op(0x60, 3), op(0x15, 0, 0, 1), op(0x06, 1), op(0x06, 0)];
    const filters = [writes, reads].map((ethernet) => ({ ...filter("tcp"), ethernet }));
    using run = Disposable.of(openTestRun({ filters }));
    const results = run.value.run([{ bytes: syn, wireLen: syn.length }], { hook, linkType: "ethernet" });
    expect(results).toMatchObject([{ ran: true, matched: 3n }]);
  });

  test.each(attachModes)("%s: live packets carry the bits of their filter set, and its rates", async (mode) => {
    await using session = new Session({}, mode);
    const rates = [{ snaplen: 20 }, { snaplen: 60 }, { sampleN: 0xffffffff, snaplen: 128 }];
    session.engine.setFilters({ number: 7, filters: ["tcp", "tcp port 443", "udp"].map((text, i) => filter(text, rates[i])) });
    const other = ether(0x0800, ipv4({ proto: 6, payload: tcp({ dport: 80, payload: Buffer.alloc(100) }) }));
    session.wire.sendIn([long, other, tagged, ether(0x0800, ipv4({ proto: 17, payload: udp() })), ether(0x88cc, Buffer.alloc(50))]);
    const row = await session.settle("in", 5);
    expect(session.records.map((rec) => [rec.matched, rec.selected, rec.capLen])).toEqual([
      [3, 3, 60],
      [1, 1, 20],
    ]);
    // The tag keeps "udp" from matching, as it does in tcpdump.
    expect([row.unmatched, row.sampledOut, row.delivered]).toEqual([2, 1, 2]);
    const rows = decodeFilterCounters(session.engine.readFilterCounters()).filter((each) => each.filterSet === 7);
    expect(rows.map((each) => [each.bit, each.matched, each.sampledOut, each.delivered, filterGap(each)])).toEqual([
      [0, 2, 0, 2, 0],
      [1, 1, 0, 1, 0],
      [2, 1, 1, 0, 0],
    ]);
  });
});

/** `using` for what has a close(). */
class Disposable<T extends { close(): void }> {
  readonly value: T;
  private constructor(value: T) {
    this.value = value;
  }
  static of<T extends { close(): void }>(value: T): Disposable<T> {
    return new Disposable(value);
  }
  [Symbol.dispose](): void {
    this.value.close();
  }
}
