import { describe, expect, test } from "vitest";
import { TcpAnalysis } from "./analysis.ts";
import { Analysis, analysisFields } from "./flags.ts";
import { ACK, FIN, NO_SCALE, SYN, UNKNOWN_LENGTH, UNKNOWN_SCALE, type Segment } from "./segment.ts";

/** A client's and a server's segments, numbers relative to 1000 and 5000, one millisecond after the other. */
function conversation() {
  const analysis = new TcpAnalysis();
  let seconds = 0;
  const side = (forward: boolean, base: number, otherBase: number) => (more: Partial<Segment> & { seq: number; ack: number }) => {
    seconds += 0.001;
    const about = { pair: 0, forward, seconds };
    const facts = analysis.take({
      ...{ ...about, flags: ACK, window: 100, length: 0, scale: UNKNOWN_SCALE },
      ...more,
      ...{ seq: base + more.seq, ack: otherBase + more.ack },
    });
    const named = analysisFields.flatMap(({ bit, field }) =>
      (facts.analysis & bit) === 0 ? [] : [field.name.replace("tcp.analysis.", "")],
    );
    return { ...facts, named };
  };
  const [client, server] = [side(true, 1000, 5000), side(false, 5000, 1000)];
  const open = (scale = UNKNOWN_SCALE) => {
    client({ seq: 0, ack: -5000, flags: SYN, scale });
    server({ seq: 0, ack: 1, flags: SYN | ACK, scale });
    client({ seq: 1, ack: 1 });
  };
  return { client, server, open, later: (by: number) => (seconds += by) };
}

describe("what is said of segments", () => {
  test("numbers count from the SYN, windows are scaled where both sides do", () => {
    const { client, server, open } = conversation();
    open(7);
    expect(client({ seq: 1, ack: 1, length: 10 })).toMatchObject({
      stream: 0,
      seq: 1,
      ack: 1,
      nextSeq: 11,
      window: 12_800,
      scale: 128,
      named: [],
    });
    expect(server({ seq: 1, ack: 11, flags: ACK | FIN })).toMatchObject({ nextSeq: 2 });
  });

  test("without its beginning a conversation counts from its first segment, and no scale is known", () => {
    const { client, server } = conversation();
    expect(client({ seq: 500, ack: 70, length: 10 })).toMatchObject({ seq: 1, ack: 1, nextSeq: 11, window: 100, scale: UNKNOWN_SCALE });
    expect(server({ seq: 70, ack: 510 })).toMatchObject({ seq: 1, ack: 11 });
  });

  test("one side alone scales nothing", () => {
    const { client, server } = conversation();
    client({ seq: 0, ack: -5000, flags: SYN, scale: 7 });
    server({ seq: 0, ack: 1, flags: SYN | ACK });
    expect(client({ seq: 1, ack: 1 })).toMatchObject({ window: 100, scale: NO_SCALE });
  });

  test("a gap, what fills it, and what comes again", () => {
    const { client, server, open, later } = conversation();
    open();
    client({ seq: 1, ack: 1, length: 10 });
    expect(client({ seq: 21, ack: 1, length: 10 }).named).toEqual(["lost_segment"]);
    expect(client({ seq: 11, ack: 1, length: 10 }).named).toEqual(["out_of_order"]);
    later(1);
    expect(client({ seq: 21, ack: 1, length: 10 }).named).toEqual(["retransmission"]);
    server({ seq: 1, ack: 31 });
    expect(client({ seq: 21, ack: 1, length: 10 }).named).toEqual(["retransmission", "spurious_retransmission"]);
    expect(server({ seq: 1, ack: 99 }).named).toEqual(["ack_lost_segment"]);
  });

  test("duplicate acknowledgments are counted, and what they ask for is a fast retransmission", () => {
    const { client, server, open, later } = conversation();
    open();
    for (const seq of [1, 11, 21, 31]) client({ seq, ack: 1, length: 10 });
    server({ seq: 1, ack: 11 });
    expect([1, 2].map(() => server({ seq: 1, ack: 11 }))).toMatchObject([
      { duplicateAck: 1 },
      { duplicateAck: 2, named: ["duplicate_ack"] },
    ]);
    later(0.01);
    expect(client({ seq: 11, ack: 1, length: 10 }).named).toEqual(["retransmission", "fast_retransmission"]);
    expect(server({ seq: 1, ack: 41 }).duplicateAck).toBe(0);
  });

  test("a window that closes, is probed, and opens", () => {
    const { client, server, open } = conversation();
    open();
    expect(client({ seq: 1, ack: 1, length: 100 }).named).toEqual(["window_full"]);
    expect(server({ seq: 1, ack: 101, window: 0 }).named).toEqual(["zero_window"]);
    expect(client({ seq: 101, ack: 1, length: 1 }).named).toEqual(["zero_window_probe"]);
    expect(server({ seq: 1, ack: 101, window: 0 }).named).toEqual(["zero_window", "zero_window_probe_ack"]);
    expect(server({ seq: 1, ack: 101, window: 50 }).named).toEqual(["window_update"]);
  });

  test("keep-alives and their answers", () => {
    const { client, server, open } = conversation();
    open();
    client({ seq: 1, ack: 1, length: 10 });
    server({ seq: 1, ack: 11 });
    expect(client({ seq: 10, ack: 1 }).named).toEqual(["keep_alive"]);
    expect(server({ seq: 1, ack: 11 }).named).toEqual(["keep_alive_ack"]);
  });

  test("ports used again begin another stream; a fragment is told its stream alone", () => {
    const { client, open } = conversation();
    open();
    expect(client({ seq: 7000, ack: -5000, flags: SYN })).toMatchObject({ stream: 1, seq: 0, named: ["reused_ports"] });
    expect(client({ seq: 7001, ack: 1, length: UNKNOWN_LENGTH })).toMatchObject({ stream: 1, seq: 8001, nextSeq: -1, analysis: 0 });
  });
});

test("many conversations are each remembered by themselves, until all are forgotten", () => {
  const analysis = new TcpAnalysis();
  const pairs = 5_000;
  const take = (pair: number, flags: number, seq: number) => {
    const about = { pair, flags, seq: 7 * pair + seq, ack: 0, forward: pair % 2 === 0 };
    return { ...analysis.take({ ...about, window: 100, length: 0, seconds: 0, scale: UNKNOWN_SCALE }) };
  };
  for (let pair = 0; pair < pairs; pair++) expect(take(pair, SYN, 0)).toMatchObject({ stream: pair, seq: 0 });
  for (let pair = 0; pair < pairs; pair++) expect(take(pair, 0, 1)).toMatchObject({ stream: pair, seq: 1, nextSeq: 1, analysis: 0 });
  analysis.forget();
  expect(take(0, 0, 10)).toMatchObject({ stream: pairs, seq: 1 });
});

test("each flag has a field of its own", () => {
  expect(analysisFields.map(({ bit }) => bit)).toEqual(Object.values(Analysis));
});
