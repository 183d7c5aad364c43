import { mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BatchKind, headerAt, viewOf } from "@sonde/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { hostId, none } from "../../test/queue-fixture.ts";
import { type Rig, deliver, idOf, ids, idsOf, numbered, openRig, push } from "../../test/spool-fixture.ts";
import { type Files, nodeFiles } from "./files.ts";
import { SLOT_BYTES, partsOf, scanSegment, slotted } from "./segment.ts";

let rig: Rig;
afterEach(() => rig.close());

const failing = (code: string) => (): never => {
  throw Object.assign(new Error(`${code}: it failed`), { code });
};

/** A run that was killed with so many batches on disk. */
function killed(count: number): void {
  const agent = rig.start(1n);
  agent.outbox.setAway(true);
  push(agent, ids(1, count));
  rig.kill();
}

describe("a segment", () => {
  const batches = [numbered("records", 1, 1), numbered("records", 2, 3), numbered("records", 3, 2)];
  const file = Buffer.concat(batches.flatMap(partsOf));
  const ends = batches.map((_, i) => batches.slice(0, i + 1).reduce((sum, each) => sum + slotted(each.byteLength), 0));

  it("that ends at any byte holds every whole batch before it, and says that something was torn", () => {
    rig = openRig();
    for (let length = 0; length <= file.length; length++) {
      const { sound, damaged, broken } = scanSegment(Buffer.from(file.subarray(0, length)), BatchKind.records);
      // A batch is whole without its padding.
      const whole = batches.filter((batch, i) => length >= (ends[i - 1] ?? 0) + SLOT_BYTES - 112 + batch.byteLength).length;
      expect(sound.map(({ batch }) => idOf(batch))).toEqual(ids(1, whole));
      expect(damaged).toBe(length <= (ends[whole - 1] ?? 0) ? 0 : 1);
      expect(broken.length).toBeLessThanOrEqual(damaged);
    }
  });

  it("with any bit flipped never yields another batch, and yields all others", () => {
    rig = openRig();
    for (let bit = 0; bit < file.length * 8; bit += 7) {
      const copy = Buffer.from(file);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      const at = ends.findIndex((end) => bit >> 3 < end);
      const { sound } = scanSegment(copy, BatchKind.records);
      const found = sound.map(({ batch }) => idOf(batch));
      const padding = bit >> 3 >= (ends[at - 1] ?? 0) + 16 + batches[at]!.byteLength;
      expect(found).toEqual(padding ? [1, 2, 3] : [1, 2, 3].filter((id) => id !== at + 1));
      for (const { batch } of sound) expect(Buffer.from(batch).equals(batches[idOf(batch) - 1]!)).toBe(true);
    }
  });
});

describe("Spool", () => {
  it("brings back what a killed run kept, in order, under its own stream", () => {
    rig = openRig();
    killed(40);
    const agent = rig.start(2n);
    push(agent, [100]);
    const all = deliver(agent);
    expect(all.filter(({ stream }) => stream === 2n).map((out) => idOf(out.bytes))).toEqual([100]);
    expect(idsOf(all.filter(({ stream }) => stream === 1n))).toEqual(ids(1, 40));
    expect(all.filter(({ stream }) => stream === 1n).map(({ sequence }) => sequence)).toEqual(ids(1, 40).map(BigInt));
    expect(agent.events).toMatchObject([{ type: "found", streams: 1 }]);
    expect(readdirSync(rig.folder)).toEqual(["lock"]);
  });

  it("cuts off a torn end and counts what was in it; counts each damage once (SPEC 4.13)", () => {
    rig = openRig();
    killed(40);
    const paths = rig.segments().toSorted();
    const last = paths.at(-1)!;
    truncateSync(last, readFileSync(last).length - 100);
    const first = readFileSync(paths[0]!);
    first[SLOT_BYTES]! ^= 1; // the body of batch 1
    writeFileSync(paths[0]!, first);
    const agent = rig.start(2n);
    const all = deliver(agent);
    expect(idsOf(all).filter((id) => id > 0)).toEqual(ids(2, 39));
    const end = all.at(-1)!;
    expect(idOf(end.bytes)).toBe(39); // it was read together with the torn one
    expect(viewOf(end.bytes).getBigUint64(headerAt.queueLost, true)).toBe(4n);
    expect(agent.spool.status).toMatchObject({ damaged: 2, recordsLost: "4", off: null });
  });

  it("drops nothing that was sent, before the hub has said what it has of it", () => {
    rig = openRig();
    const first = rig.start(1n, { maxBytes: 16 * 1024 });
    first.outbox.setAway(true);
    push(first, ids(1, 10));
    first.outbox.setAway(false);
    expect(first.outbox.resume(none)).toBe(true);
    const out = first.outbox.next(1);
    expect(out).toMatchObject({ sequence: 1n });
    rig.kill();
    const second = rig.start(2n, { maxBytes: 16 * 1024 });
    second.outbox.setAway(true);
    push(second, ids(100, 180));
    second.outbox.setAway(false);
    second.outbox.resume(none);
    second.outbox.earlier();
    second.outbox.resumeEarlier({ ...none, records: 1n }); // it had arrived
    const left: number[] = [];
    for (let next = second.outbox.next(16); next !== null; next = second.outbox.next(16)) {
      if (next.stream === 1n) left.push(idOf(next.bytes));
      second.outbox.acknowledge(next);
    }
    expect(left).toEqual(ids(2, 10)); // they lie in the segment of the first
  });

  it("is for one agent at a time; the lock of one that is gone is nobody's", () => {
    rig = openRig();
    const first = rig.start(1n);
    const second = rig.start(2n);
    expect(second.events).toEqual([{ type: "off", reason: expect.stringContaining(`process ${process.pid}`) as string }]);
    second.outbox.setAway(true);
    push(second, [1]);
    expect([second.spool.status.off, second.queue.stats.held]).toEqual([expect.stringContaining("another agent"), 1]);
    second.spool.close();
    first.spool.close();
    writeFileSync(join(rig.folder, "lock"), `${process.pid} 1`); // another process had this id
    expect(rig.start(3n).events).toEqual([]);
  });

  it.each(["ENOSPC", "EROFS", "EIO"])("goes off when the disk says %s, keeps to memory, and comes back", (code) => {
    let works = true;
    rig = openRig({ ...nodeFiles, writevSync: (...args) => (works ? nodeFiles.writevSync(...args) : failing(code)()) });
    const agent = rig.start(1n);
    agent.outbox.setAway(true);
    push(agent, ids(1, 3));
    works = false;
    push(agent, ids(4, 6));
    works = true;
    push(agent, [7]); // it is not tried again at once
    expect(agent.events).toEqual([{ type: "off", reason: `${code}: it failed` }]);
    expect(rig.onDisk().size).toBe(3);
    rig.now += 30_000;
    push(agent, [8]);
    expect(agent.events.at(-1)).toEqual({ type: "on" });
    expect(rig.onDisk().size).toBe(8);
    expect(idsOf(deliver(agent))).toEqual(ids(1, 8));
  });

  it.each(["mkdirSync", "openSync", "readdirSync", "statfsSync"] satisfies (keyof Files)[])(
    "is off, and says why, when %s fails at the start",
    (name) => {
      rig = openRig({ ...nodeFiles, [name]: failing("EACCES") });
      const agent = rig.start(1n);
      expect(agent.events).toEqual([{ type: "off", reason: `${rig.folder}: EACCES: it failed` }]);
      agent.outbox.setAway(true);
      push(agent, ids(1, 3));
      agent.queue.park();
      agent.spool.close();
    },
  );

  it.each(["readFileSync", "writeSync", "renameSync"] satisfies (keyof Files)[])(
    "sends nothing from disk while %s fails, and all of it later",
    (name) => {
      const files: Files = { ...nodeFiles };
      rig = openRig(files);
      const agent = rig.start(1n);
      agent.outbox.setAway(true);
      push(agent, ids(1, 30));
      Object.assign(files, { [name]: failing("EROFS") });
      push(agent, [31]);
      expect(deliver(agent)).toEqual([]);
      expect(agent.spool.status.off).toBe("EROFS: it failed");
      Object.assign(files, { [name]: nodeFiles[name] });
      rig.now += 30_000;
      expect(idsOf(deliver(agent))).toEqual(ids(1, 31));
    },
  );

  it("leaves foreign files alone, deletes streams of another enrolment and those without a note", () => {
    rig = openRig();
    killed(3);
    writeFileSync(join(rig.folder, "README"), "mine");
    const stream = dirname(rig.segments()[0]!);
    for (const name of ["notes.txt", "records-1", "records-000000001"]) writeFileSync(join(stream, name), "mine");
    mkdirSync(join(rig.folder, "stream-00000007"));
    const other = rig.start(2n);
    expect(other.events).toMatchObject([
      { type: "left-out", folder: join(rig.folder, "stream-00000007") },
      { type: "found", streams: 1 },
    ]);
    expect(idsOf(deliver(other))).toEqual([1, 2, 3]);
    expect(readFileSync(join(rig.folder, "README"), "utf8")).toBe("mine");
    rig.kill();
    killed(3);
    const enrolled = rig.start(3n, { hostId: hostId.replace("6", "7") });
    expect(enrolled.events).toMatchObject([{ type: "left-out", reason: expect.stringContaining("earlier enrolment") as string }]);
    expect(rig.segments()).toEqual([]);
  });

  it("keeps its folder and files to root", () => {
    rig = openRig();
    killed(2);
    rig.start(2n);
    const stream = dirname(rig.segments()[0]!);
    const mode = (path: string): number => statSync(path).mode & 0o777;
    expect([mode(stream), mode(rig.segments()[0]!), mode(join(stream, "stream.json")), mode(join(rig.folder, "lock"))]).toEqual([
      0o700, 0o600, 0o600, 0o600,
    ]);
  });
});
