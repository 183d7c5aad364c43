import { expect, test, vi } from "vitest";
import { PacketsClient, type WorkerPort } from "./client.ts";
import type { AnyRequest, TableState, WorkerMessage } from "./messages.ts";
import { PagePackets } from "./pagePackets.ts";

const now = (run: () => void): (() => void) => {
  run();
  return () => {};
};
const state: TableState = {
  phase: "done",
  name: "a.pcap",
  bytes: 1,
  totalBytes: 1,
  packets: 3,
  firstNumber: 1,
  shown: 3,
  filter: "",
  unfiltered: 0,
  error: null,
  interfaces: [],
  comments: [],
  startNs: 0n,
  endNs: 1n,
  revision: 1,
};

/** Packets of a page whose worker is the test: what is asked waits until it is answered. */
function page() {
  const asked: AnyRequest[] = [];
  let tell: (message: WorkerMessage) => void = () => undefined;
  let started = 0;
  const port: WorkerPort = {
    post: (message) => void asked.push(message),
    terminate: () => undefined,
    listen: (message) => void (tell = message),
  };
  const packets = new PagePackets({
    start: () => {
      started++;
      return new PacketsClient(port, now);
    },
    schedule: now,
  });
  const answer = (name: AnyRequest["name"], output: unknown) => {
    const at = asked.findIndex((one) => one.name === name);
    const [request] = asked.splice(at, 1);
    if (request === undefined) throw new Error(`${name} was not asked`);
    tell({ id: request.id, ok: true, output } as WorkerMessage);
    return vi.waitFor(() => Promise.resolve());
  };
  return { packets, asked, answer, tell: (more: Partial<TableState>) => tell({ state: { ...state, ...more } }), started: () => started };
}

test("the worker is started when something is opened first, and once", () => {
  const { packets, asked, started, tell } = page();
  expect([started(), packets.snapshot()]).toEqual([0, null]);
  void packets.openFile(new File(["x"], "a.pcap"));
  void packets.openFile(new File(["x"], "b.pcap"));
  expect(started()).toBe(1);
  expect(asked.map((one) => one.name)).toEqual(["openFile", "openFile"]);
  expect(packets.source.snapshot()).toEqual({ type: "file", name: "b.pcap" });
  const changed = vi.fn<() => void>();
  packets.subscribe(changed);
  tell({ packets: 5 });
  expect(changed).toHaveBeenCalledTimes(1);
  expect(packets.snapshot()?.packets).toBe(5);
});

test("of filters that are typed one after the other the last one counts", async () => {
  const { packets, asked, answer } = page();
  void packets.openFile(new File(["x"], "a.pcap"));
  void packets.filter("dn");
  void packets.filter("dns");
  expect(packets.filtering.snapshot()).toMatchObject({ text: "dns", pending: true });
  expect(asked.filter((one) => one.name === "filter")).toHaveLength(2);
  await answer("filter", { ok: false, error: { message: "no such field", position: 0, length: 2 } });
  expect(packets.filtering.snapshot()).toMatchObject({ text: "dns", pending: true, error: null });
  await answer("filter", { ok: true, count: 1 });
  await vi.waitFor(() => expect(packets.filtering.snapshot()).toEqual({ text: "dns", pending: false, error: null }));
});

test("what is opened next is seen through the same filter; what is closed is not", async () => {
  const { packets, asked, answer } = page();
  void packets.filter("dns");
  await answer("filter", { ok: true, count: 0 });
  void packets.openFile(new File(["x"], "a.pcap"));
  expect(asked.map((one) => one.name)).toEqual(["openFile", "filter"]);
  asked.length = 0;
  void packets.close();
  expect(asked.map((one) => one.name)).toEqual(["clear"]);
  expect(packets.source.snapshot()).toEqual({ type: "none" });
});

test("rows are asked for anew when those that were read may have changed", () => {
  const { packets, asked, tell } = page();
  void packets.openFile(new File(["x"], "a.pcap"));
  tell({});
  asked.length = 0;
  packets.rows.want(0, 3, 3);
  tell({ revision: 1, shown: 3 });
  expect(asked.filter((one) => one.name === "rows")).toHaveLength(1);
});
