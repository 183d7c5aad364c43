import { afterEach, expect, it, vi } from "vitest";
import type { AnyRequest } from "./messages.ts";
import { startPackets } from "./start.ts";

afterEach(() => vi.unstubAllGlobals());

it("asks a worker of its own, hears it fail, and ends it", async () => {
  const ended = vi.fn<() => void>();
  class FakeWorker extends EventTarget {
    constructor(readonly url: URL) {
      super();
      expect(url.pathname).toMatch(/\/worker\.ts$/);
    }
    postMessage({ id, name }: AnyRequest): void {
      const failed = name === "clear";
      const event = failed ? new Event("error") : new MessageEvent("message", { data: { id, ok: true, output: 5 } });
      if (failed) Object.assign(event, { message: "out of memory" });
      queueMicrotask(() => this.dispatchEvent(event));
    }
    terminate = ended;
  }
  vi.stubGlobal("Worker", FakeWorker);
  const client = startPackets();
  expect(await client.nextMark(1, false)).toBe(5);
  await expect(client.clear()).rejects.toThrow("out of memory");
  client.dispose();
  expect(ended).toHaveBeenCalledOnce();
});
