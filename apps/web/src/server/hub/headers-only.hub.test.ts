import { afterAll, beforeAll, expect, test } from "vitest";
import { BATCH_HEADER_BYTES, RECORD_HEADER_BYTES, checkBatch, recordAt, viewOf } from "@sonde/protocol";
import { captureDetailSchema } from "@sonde/protocol/rest";
import { captureAgent, frame } from "../../../test/capture-agents.ts";
import { ask, next, startTestHub, until, type TestHub } from "../../../test/hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

test("what one capture takes beyond headers is in its file alone: another's has what it asked for, and who watches gets headers", async () => {
  const cookie = await hub.signIn();
  const capture = async (method: "GET" | "POST", path = "", body?: object) => {
    const headers = { cookie, origin: hub.url, "content-type": "application/json" };
    const response = await fetch(`${hub.url}/api/v1/captures${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return captureDetailSchema.parse(await response.json());
  };
  const agent = await captureAgent(hub);
  const short = await capture("POST", "", { expression: "tcp", hosts: "all", snaplen: 96 });
  const whole = await capture("POST", "", { expression: "tcp port 80", hosts: "all", snaplen: 1500, reason: "a broken upload" });
  await until(() => [short, whole].every(({ id }) => agent.captured(id) !== null), "both captures at the agent");
  const [one, other] = [agent.captured(short.id)!, agent.captured(whole.id)!];

  const watching = hub.viewer({ cookie, origin: hub.url });
  await next(watching, "connect");
  expect(await ask(watching, "message", { type: "watch", hostId: agent.hostId })).toEqual({ ok: true });
  const seen = next(watching, "batch");
  const packet = { at: agent.boot(Date.now()), bytes: frame(...Array.from({ length: 586 }, (_, i) => i & 0xff)) };
  const selected = (1n << BigInt(one.bit)) | (1n << BigInt(other.bit));
  expect(await agent.send({ set: other.set, bit: other.bit }, [{ ...packet, selected }, packet])).toEqual({ ok: true });

  const [, shown] = (await seen) as [string, Uint8Array];
  const view = viewOf(shown);
  expect(checkBatch(view)).toMatchObject({ ok: true, value: { count: 2 } });
  const first = shown.subarray(BATCH_HEADER_BYTES + RECORD_HEADER_BYTES);
  expect(view.getUint16(BATCH_HEADER_BYTES + recordAt.capLen, true)).toBe(128);
  expect(Buffer.from(first.subarray(0, 128))).toEqual(Buffer.from(packet.bytes.subarray(0, 128)));
  expect(view.getUint16(BATCH_HEADER_BYTES + RECORD_HEADER_BYTES + 128 + recordAt.capLen, true)).toBe(128);
  expect(view.getUint32(BATCH_HEADER_BYTES + recordAt.wireLen, true)).toBe(600);
  expect(await capture("GET", `/${short.id}`)).toMatchObject({ packets: "1", bytes: "96" });
  expect(await capture("GET", `/${whole.id}`)).toMatchObject({ packets: "2", bytes: "1200" });
});
