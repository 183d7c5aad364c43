import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { io, type Socket } from "socket.io-client";
import { AGENT_NAMESPACE, AGENT_PATH, PROTOCOL_VERSION } from "@sonde/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { backUp, restore } from "../../../scripts/lib/backup.mjs";
import { hubNeeds } from "../../../scripts/lib/hub.mjs";
import { layout, root } from "../../../scripts/lib/paths.mjs";
import { startPostgres } from "../../../scripts/lib/postgres.mjs";
import { chooseIdentity } from "../../../scripts/lib/privilege.mjs";
import { compose } from "../src/server/boot/compose.ts";
import { readConfig } from "../src/server/boot/config.ts";
import { listen } from "../src/server/boot/web-server.ts";
import { enrolHost } from "../src/server/services/hosts/enrol.ts";
import { createToken } from "../src/server/services/tokens/create.ts";
import { connectTo, of, row, type Run } from "./agent-runs.ts";
import { counterBatch } from "./batches.ts";
import { ask, freePort, passport } from "./hub.ts";

const identity = chooseIdentity({ clone: root, needs: hubNeeds.filter((path) => path.endsWith("postgres")), env: process.env });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync("/tmp/sonde-backup-");
  chmodSync(folder, 0o711);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An instance as `npm start` keeps it, by HTTPS with a certificate of its own, and ways in for one agent. */
async function startAt(data: string, port: number) {
  const at = layout(data);
  mkdirSync(data, { recursive: true });
  chmodSync(data, 0o711);
  const postgres = await startPostgres({ data: at.postgres, run: at.run, identity, durable: false });
  const config = readConfig({
    DATABASE_URL: postgres.url,
    SONDE_URL: `https://127.0.0.1:${port}`,
    SONDE_DATA: at.hub,
    SONDE_LISTEN: `127.0.0.1:${port}`,
  });
  const { ctx, server, close } = await compose(config, pino({ level: "silent" }), root);
  await listen(server, config.listen);
  const sockets: Socket[] = [];
  return {
    at,
    ctx,
    port,
    agent(auth: object): Socket {
      const socket = io(`https://127.0.0.1:${port}${AGENT_NAMESPACE}`, {
        path: AGENT_PATH,
        transports: ["websocket"],
        reconnection: false,
        forceNew: true,
        rejectUnauthorized: false, // the pin is compared below
        auth: { protocol: PROTOCOL_VERSION, agentVersion: "0.1.0", ...auth },
      });
      sockets.push(socket);
      return socket;
    },
    async stop() {
      for (const socket of sockets) socket.disconnect();
      await close();
      server.close();
      await postgres.stop();
    },
  };
}

test("an instance that was backed up and restored elsewhere has its data, its key and its agents, who do not enrol again", async () => {
  const first = await startAt(join(folder, "first"), await freePort());
  const { token } = await createToken({ ctx: first.ctx, actor: { kind: "local" }, input: { minutes: 5 } });
  const { hostId, credential } = await enrolHost({
    ctx: first.ctx,
    actor: { kind: "anonymous" },
    input: { token, hostname: "test-host", passport },
  });
  const run: Run = { hostId, credential, bootId: "0b0e8c5e-8d0b-4c55-9d3c-000000000001", stream: 7n };
  const { socket } = await connectTo(first, run);
  expect(await ask(socket, "batch", counterBatch(of(run, 1), [row(20)]))).toEqual({ ok: true });
  const file = join(folder, "sonde.tar.gz");
  await expect(backUp({ at: first.at, file })).rejects.toThrow("the database still runs");
  const { pin } = first.ctx;
  await first.stop();
  mkdirSync(first.at.agent);
  writeFileSync(join(first.at.agent, "credential.json"), "{}");

  await backUp({ at: first.at, file, machine: "one" });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await expect(backUp({ at: first.at, file })).rejects.toThrow("is there already");
  await expect(restore({ at: first.at, file })).rejects.toThrow("is there: restore into a clone");
  const second = layout(join(folder, "second"));
  await restore({ at: second, file, machine: "another" });
  expect(existsSync(second.agent)).toBe(false);
  const third = layout(join(folder, "third"));
  await restore({ at: third, file, machine: "one" });
  expect(readFileSync(join(third.agent, "credential.json"), "utf8")).toBe("{}");

  const restored = await startAt(second.data, first.port);
  expect(restored.ctx.pin).toBe(pin);
  const again = await connectTo(restored, run);
  expect(again.hello).toMatchObject({ committed: { counters: "1" } });
  const { rows } = await restored.ctx.series.query("SELECT host_id FROM interface_counters");
  expect(rows).toEqual([{ host_id: hostId }]);
  expect(await ask(again.socket, "batch", counterBatch(of(run, 2), [row(5)], 3_000_000_000n))).toEqual({ ok: true });
  await restored.stop();
});

test("what is no backup restores nothing", async () => {
  const file = join(folder, "broken.tar.gz");
  writeFileSync(file, readFileSync(join(folder, "sonde.tar.gz")).subarray(0, 200_000));
  const at = layout(join(folder, "broken"));
  await expect(restore({ at, file })).rejects.toThrow("is no whole backup of Sonde");
  expect(existsSync(at.postgres) || existsSync(at.hub)).toBe(false);
  await expect(restore({ at, file: join(folder, "nothing") })).rejects.toThrow("is not there");
  await expect(backUp({ at, file: join(folder, "empty.tar.gz") })).rejects.toThrow("nothing to back up");
});
