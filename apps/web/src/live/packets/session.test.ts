import { describe, expect, it, vi } from "vitest";
import { interfaceBlock, packetBlock, sectionHeader, statisticsBlock } from "../../../../../packages/pcapfile/src/index.ts";
import { readAll } from "../../../../../packages/pcapfile/test/support/files.ts";
import { ether, ipv4, tcp, udp } from "../../../../../packages/bpf/test/support/frames.ts";
import { type PacketsClient, PacketsError } from "./client.ts";
import { started } from "./testClient.ts";

const START = 1_700_000_000_000_000_000n;
const MS = 1_000_000n;

const forth = (seq: number, payload: string, flags = 0x18): Buffer => segment({ sport: 4000, dport: 80 }, { seq, flags, payload });
const back = (seq: number, payload: string, flags = 0x18): Buffer => segment({ sport: 80, dport: 4000 }, { seq, flags, payload }, true);

function segment(ports: { sport: number; dport: number }, of: { seq: number; flags: number; payload: string }, turned = false): Buffer {
  const header = tcp({ ...ports, flags: of.flags, payload: Buffer.from(of.payload) });
  header.writeUInt32BE(of.seq, 4);
  const packet = ipv4({ proto: 6, payload: header });
  if (turned) {
    const [source, destination] = [Buffer.from(packet.subarray(12, 16)), Buffer.from(packet.subarray(16, 20))];
    destination.copy(packet, 12);
    source.copy(packet, 16);
  }
  return ether(0x0800, packet);
}

const frames = [
  forth(100, "", 0x02),
  back(900, "", 0x12),
  forth(101, "GET / HTTP/1.1\r\n\r\n"),
  back(901, "HTTP/1.1 204 No Content\r\n\r\n"),
  forth(101, "GET / HTTP/1.1\r\n\r\n"), // again
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: 9998, dport: 9999, payload: Buffer.from("datagram") }) })),
];

function file(): Uint8Array<ArrayBuffer> {
  const blocks = [
    sectionHeader({ application: "sonde 1", comments: ["of two hosts"] }),
    interfaceBlock({ linkType: 1, snaplen: 128, name: "web-1/eth0", filter: "tcp or udp", comments: ["clock +1 ms"] }),
    ...frames.map((bytes, i) =>
      packetBlock({
        interfaceId: 0,
        tsNs: START + BigInt(i) * MS,
        wireLen: bytes.length,
        bytes,
        direction: i % 2 === 0 ? "out" : "in",
        comments: i === 5 ? ["odd"] : [],
      }),
    ),
    statisticsBlock({ interfaceId: 0, startNs: START, endNs: START + MS, received: 10n, dropped: 4n }),
  ];
  return new Uint8Array(Buffer.concat(blocks));
}

async function opened(): Promise<PacketsClient> {
  const client = started();
  await client.openFile(new Blob([file()]), "two.pcapng");
  return client;
}

describe("an open file", () => {
  it("says of itself what is in it", async () => {
    const client = await opened();
    await vi.waitFor(() => expect(client.snapshot().phase).toBe("done"));
    expect(client.snapshot()).toMatchObject({
      name: "two.pcapng",
      packets: 6,
      shown: 6,
      firstNumber: 1,
      totalBytes: file().length,
      bytes: file().length,
      comments: ["of two hosts"],
      startNs: START,
      endNs: START + 5n * MS,
      error: null,
      interfaces: [{ name: "web-1/eth0", host: "web-1", filter: "tcp or udp", received: 10n, dropped: 4n, comments: ["clock +1 ms"] }],
    });
  });

  it("a segment that both ends saw is no retransmission, one that one end saw twice is", async () => {
    const blocks = [
      sectionHeader({ application: "sonde 1" }),
      ...["web-1/eth0", "db-1/eth0"].map((name) => interfaceBlock({ linkType: 1, snaplen: 128, name })),
      ...frames
        .slice(0, 5)
        .flatMap((bytes, i) =>
          [0, 1].map((interfaceId) => packetBlock({ interfaceId, tsNs: START + BigInt(i) * MS, wireLen: bytes.length, bytes })),
        ),
    ];
    const client = started();
    await client.openFile(new Blob([new Uint8Array(Buffer.concat(blocks))]), "both.pcapng");
    expect(await client.filter("tcp.analysis.retransmission")).toMatchObject({ count: 2 });
    expect(await client.filter("tcp.stream == 1")).toMatchObject({ count: 5 });
  });

  it("rows of the view, with colours", async () => {
    const client = await opened();
    expect(
      await client.setColours([
        { name: "HTTP", filter: "http" },
        { name: "wrong", filter: "htp" },
        { name: "UDP", filter: "udp" },
      ]),
    ).toEqual([null, expect.objectContaining({ position: 0, length: 3 }), null]);
    const { rows, total } = await client.rows(2, 10);
    expect(total).toBe(6);
    expect(rows.map(({ number, colour, protocol }) => [number, colour, protocol])).toEqual([
      [3, 0, "HTTP"],
      [4, 0, "HTTP"],
      [5, null, "TCP"], // again: nothing new is said
      [6, 2, "UDP"],
    ]);
    expect(rows[3]).toMatchObject({
      timeNs: START + 5n * MS,
      previousNs: START + 4n * MS,
      direction: "in",
      comments: ["odd"],
      host: "web-1",
      interfaceName: "web-1/eth0",
    });
  });

  it("filters, and says where a filter is wrong", async () => {
    const client = await opened();
    expect(await client.filter("tcp.len > 0 && tcp.srcport == 4000")).toEqual({ ok: true, count: 2 });
    expect((await client.rows(0, 9)).rows.map(({ number }) => number)).toEqual([3, 5]);
    expect(await client.placeOf(4)).toEqual({ place: 1, number: 5 });
    expect(await client.placeOf(6)).toBeNull();
    expect(await client.filter("tcp.len >")).toMatchObject({ ok: false, error: { position: 9, length: 0 } });
    expect((await client.rows(0, 9)).total).toBe(2);
    expect(await client.filter("tcp.analysis.retransmission")).toEqual({ ok: true, count: 1 });
    expect(await client.filter('http contains "204"')).toEqual({ ok: true, count: 1 });
    expect(await client.filter("")).toEqual({ ok: true, count: 6 });
  });

  it("takes one packet apart", async () => {
    const client = await opened();
    const detail = await client.detail(3);
    expect(detail?.layers.map(({ field }) => field.name)).toEqual(["eth", "ip", "tcp", "http"]);
    expect(Buffer.from(detail?.bytes ?? []).equals(frames[2] ?? Buffer.alloc(0))).toBe(true);
    expect(detail).toMatchObject({ stream: { transport: "tcp", number: 0 }, zeroNs: START, linkType: 1, row: { number: 3 } });
    expect(await client.detail(99)).toBeNull();
  });

  it("conversations and endpoints, with filters that take just them", async () => {
    const client = await opened();
    const { rows, total } = await client.conversations("tcp");
    expect(total).toBe(1);
    const [talk] = rows;
    expect((talk?.packetsAToB ?? 0) + (talk?.packetsBToA ?? 0)).toBe(5);
    expect(talk).toMatchObject({ startNs: START, durationNs: 4_000_000 });
    expect(await client.filter(talk?.filter ?? "")).toEqual({ ok: true, count: 5 });
    await client.filter("");
    const ends = await client.endpoints("ip");
    expect(ends.total).toBe(2);
    for (const { filter, packetsSent, packetsReceived } of ends.rows)
      expect(await client.filter(filter)).toEqual({ ok: true, count: packetsSent + packetsReceived });
    expect((await client.conversations("eth")).total).toBe(1);
  });

  it("adds up by time", async () => {
    const client = await opened();
    const { startNs, bucketNs, series } = await client.graph({ buckets: 3, filters: ["udp", "oops"], fromNs: null, toNs: null });
    expect([startNs, bucketNs]).toEqual([START, 1_666_667]);
    expect(series.map(({ filter, packets, error }) => [filter, [...packets], error === null])).toEqual([
      ["", [2, 2, 2], true],
      ["udp", [0, 0, 1], true],
      ["oops", [0, 0, 0], false],
    ]);
  });

  it("follows a stream", async () => {
    const client = await opened();
    const stream = await client.followStream({ transport: "tcp", number: 0 });
    expect(stream?.parts.map(({ side, bytes, gap, number }) => [side, Buffer.from(bytes).toString(), gap, number])).toEqual([
      [0, "GET / HTTP/1.1\r\n\r\n", 0, 3],
      [1, "HTTP/1.1 204 No Content\r\n\r\n", 0, 4],
    ]);
    expect(stream).toMatchObject({ packets: 5, cut: false, sides: [{ port: 4000 }, { port: 80 }] });
    const datagrams = await client.followStream({ transport: "udp", number: 0 });
    expect(Buffer.from(datagrams?.parts[0]?.bytes ?? []).toString()).toBe("datagram");
    expect(await client.followStream({ transport: "tcp", number: 1 })).toBeNull();
  });

  it("finds, forwards, backwards and round the end", async () => {
    const client = await opened();
    expect(await client.find({ by: "text", value: "get /", matchCase: false }, 1, false)).toEqual({ ok: true, number: 3 });
    expect(await client.find({ by: "text", value: "get /", matchCase: true }, 1, false)).toEqual({ ok: true, number: null });
    expect(await client.find({ by: "hex", value: "47 45 54" }, 3, false)).toEqual({ ok: true, number: 5 });
    expect(await client.find({ by: "hex", value: "474554" }, 5, false)).toEqual({ ok: true, number: 3 });
    expect(await client.find({ by: "regex", value: "20[0-9] No" }, 6, true)).toEqual({ ok: true, number: 4 });
    expect(await client.find({ by: "filter", value: "udp" }, 1, true)).toEqual({ ok: true, number: 6 });
    expect(await client.find({ by: "hex", value: "4" }, 1, false)).toMatchObject({ ok: false });
  });

  it("marks, comments, and saves what can be opened again", async () => {
    const client = await opened();
    await client.mark([2, 5, 77], true);
    await client.comment(2, "the answer");
    await client.comment(6, "");
    expect(await client.nextMark(2, false)).toBe(5);
    expect(await client.nextMark(5, false)).toBe(2);
    expect(await client.filter("frame.marked")).toEqual({ ok: true, count: 2 });
    const saved = readAll(new Uint8Array(await (await client.save("marked")).arrayBuffer()));
    expect(saved.packets.map(({ bytes, comments, direction }) => [Buffer.from(bytes), comments, direction])).toEqual([
      [frames[1], ["the answer"], "in"],
      [frames[4], [], "out"],
    ]);
    expect(saved.interfaces).toMatchObject([{ name: "web-1/eth0", filter: "tcp or udp", snaplen: 128 }]);
    expect(
      readAll(new Uint8Array(await (await client.save("all")).arrayBuffer()))
        .packets.map(({ comments }) => comments)
        .flat(),
    ).toEqual(["the answer"]);
  });

  it("of a damaged one what stands before the damage", async () => {
    const client = started();
    await client.openFile(new Blob([file().slice(0, -30)]), "cut.pcapng");
    await vi.waitFor(() => expect(client.snapshot()).toMatchObject({ phase: "done", packets: 6, error: { code: "DAMAGED" } }));
    await client.openFile(new Blob(["no capture at all"]), "x.txt");
    await vi.waitFor(() => expect(client.snapshot()).toMatchObject({ phase: "failed", packets: 0, name: "x.txt" }));
  });

  it("a URL that the hub refuses is refused with its words", async () => {
    const client = started();
    const answer = Response.json({ code: "NOT_FOUND", detail: "no such capture" }, { status: 404 });
    vi.stubGlobal("fetch", () => Promise.resolve(answer));
    await expect(client.openUrl("/api/v1/captures/1/file", "1")).rejects.toEqual(
      new PacketsError({ code: "NOT_FOUND", message: "no such capture" }),
    );
    vi.unstubAllGlobals();
    client.dispose();
    await expect(client.rows(0, 1)).rejects.toThrow("closed");
  });
});
