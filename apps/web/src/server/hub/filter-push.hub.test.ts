import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FiltersMessage } from "@sonde/protocol";
import { startTestHub, type TestHub } from "../../../test/hub.ts";
import { systemClock } from "../clock.ts";
import { createFilter } from "../services/filters/create.ts";
import { createFilterPush } from "./filter-push.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

test("SPEC 8.6: what a host said it holds counts also when the database was away as it came", async () => {
  const { hostId } = await hub.enrol();
  await createFilter({
    ctx: hub.ctx,
    actor: { kind: "local" },
    input: { expression: "udp port 53", selector: null, sampleN: 1, snaplen: 128 },
  });
  let away = false;
  const db = new Proxy(hub.ctx.db, {
    get(client, name) {
      if (away) throw new Error("the database is away");
      return Reflect.get(client, name) as unknown;
    },
  });
  const sent: number[] = [];
  const push = createFilterPush({
    db,
    clock: systemClock,
    log: hub.ctx.log,
    agents: {
      connected: () => [hostId],
      isConnected: () => true,
      clockOf: () => ({ bootId: randomUUID(), bootToWallNs: 0n, offsetNs: 0n, errorNs: 0n }),
      ask: async (_, { number }: FiltersMessage) => {
        sent.push(number);
        return { ok: true, report: { number, contexts: [], nsPerPacket: null } };
      },
    },
    onChanged: () => {},
    onCaptures: async () => {},
  });
  await push.greeted(hostId, 0);
  await push.toAll();
  const [held] = sent;
  expect(sent).toEqual([held]);

  away = true;
  await push.greeted(hostId, 0); // its agent was started anew
  away = false;
  await push.toAll();
  expect(sent).toEqual([held, held]);
  await push.toAll();
  expect(sent).toEqual([held, held]);
  push.stop();
});
