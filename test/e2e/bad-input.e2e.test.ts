import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enrolAgent } from "../../scripts/lib/agent.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { enterCommand, makeBusyboxRoot } from "../support/chroot.ts";
import { gated, needs } from "../support/needs.ts";
import { playRogue } from "../support/play-rogue.ts";
import { type World, createWorld } from "../support/world.ts";

/*
 * What people and machines get wrong, given to the built programs: each is refused in clear words, and
 * hub and other host go on. What is not here is beside its source: apps/agent/test and apps/web/src/server.
 */

let world: World;
const patience = { timeout: 20_000, interval: 100 };
const otherPin = `sha256//${"A".repeat(43)}=`;
const agentProgram = join(root, "apps/agent/bin/sonde-agent.mjs");

const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.busybox, needs.curl);

describe.skipIf(gate.skip)(gate.name("bad input"), () => {
  beforeAll(async () => {
    world = await createWorld();
    await world.agentOn("b");
  });
  afterAll(() => world?.close());

  test("an unknown, a used and an expired token are told apart, and none is shown", async () => {
    expect(enrol("snd_enrol_nobody-made-this-one")).toEqual(refusedBecause(/Unknown enrolment token \(TOKEN_UNKNOWN\)/));
    const used = await world.hub.admin("enrol-token");
    expect(enrol(used, { name: "used-1" }).status).toBe(0);
    expect(enrol(used, { name: "used-2" })).toEqual(refusedBecause(/already used \(TOKEN_USED\)/));
    const expired = await world.hub.admin("enrol-token");
    await world.database.query("UPDATE enrolment_token SET expires_at = now() - interval '1 second' WHERE used_at IS NULL");
    const answer = enrol(expired, { name: "expired-1" });
    expect(answer).toEqual(refusedBecause(/has expired \(TOKEN_EXPIRED\)/));
    for (const token of [used, expired]) expect(world.hubLines.join("\n") + answer.stderr).not.toContain(token);
  });

  test("a hub with another key than the pinned one does not get to see the token", async () => {
    const token = await world.hub.admin("enrol-token");
    expect(enrol(token, { name: "pinned-1", pin: otherPin })).toEqual(refusedBecause(/this is another hub, or someone in between/));
    expect(enrol(token, { name: "pinned-1" }).status).toBe(0); // so it was not used up
  });

  test("the install line with another pin runs nothing and fails", async () => {
    const bare = join(world.folder, "bare-host");
    makeBusyboxRoot(bare);
    const fetched = `curl -fsSk --pinnedpubkey '${otherPin}' ${world.hub.url}/install.sh || echo exit 1`;
    const [file = "", ...args] = world.lab.inside("b", enterCommand(bare, `printf %s token | sh -c "$(${fetched})"`));
    const { status, stderr } = spawnSync(file, args, { encoding: "utf8", env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } });
    expect(stderr).toMatch(/public key does not match pinned/);
    expect(status).toBe(1);
  });

  test("frames that are truncated, oversized, of another version or random cost only whoever sends them", async () => {
    const state = join(world.folder, "rogue");
    await enrolAgent({ state, hub: world.hub, token: await world.hub.admin("enrol-token"), enter: world.lab.inside("a", []) });
    const seed = Date.now() & 0xffff;
    console.info(`seed ${seed}`);
    const { hostId, answers } = playRogue(world, state, seed);
    expect(answers).toMatchObject({
      version: "PROTOCOL_VERSION",
      truncated: "BATCH_TRUNCATED",
      batchVersion: "BATCH_VERSION",
      oversized: "BATCH_TOO_LARGE",
      frameTooLarge: "transport close",
    });
    const random = answers.random ?? {};
    expect(Object.keys(random)).not.toContain("OK");
    const sent = 3 + Object.values(random).reduce((sum, count) => sum + count, 0);
    await expect.poll(() => refusals(hostId), patience).toBe(sent);

    const before = await storedSeconds();
    await expect.poll(storedSeconds, patience).toBeGreaterThan(before);
    expect(world.lab.run("a", ["curl", "-fsSk", `${world.hub.url}/readyz`])).not.toBe("");
  });

  test("a hub that cannot start says why in one line, without the database's password", () => {
    const databaseUrl = world.database.options.connectionString ?? "";
    expect(hub({ DATABASE_URL: "not a url" })).toEqual(oneLine(/DATABASE_URL cannot be read/));
    const unreachable = hub({ DATABASE_URL: "postgresql://sonde:hunter2@10.77.0.2:9/sonde" });
    expect(unreachable).toEqual(oneLine(/DATABASE_URL: the database does not answer \(.*ECONNREFUSED/));
    expect(unreachable.stderr).not.toContain("hunter2");
    expect(hub({ DATABASE_URL: databaseUrl })).toEqual(oneLine(/port 7878: the port is in use; stop the other program or set SONDE_URL/));
  });

  test("a kernel without type information is named by the agent and in its passport", () => {
    const state = join(world.folder, "agent-b");
    const without = (args: string): ReturnType<typeof program> =>
      program([
        "unshare",
        "--mount",
        "sh",
        "-c",
        `mount -t tmpfs tmpfs /sys/kernel/btf && exec ${process.execPath} ${agentProgram} ${args}`,
      ]);
    expect(without(`run --state ${state} --interface lo`)).toEqual(refusedBecause(/no BTF at \/sys\/kernel\/btf\/vmlinux/));
    expect(without("passport").stdout).toMatch(/^no +Kernel type information \(BTF\)/m);
  });
});

type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a program in the hub's namespace to its end. */
function program(command: readonly string[], options: { input?: string; env?: Record<string, string> } = {}): Outcome {
  const [file = "", ...args] = world.lab.inside("a", command);
  const env = { PATH: process.env["PATH"], ...options.env };
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: "utf8",
    cwd: root,
    input: options.input ?? "",
    env,
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

/** `sonde-agent enrol` as a person runs it, with a state folder per name. */
function enrol(token: string, { name = "stranger", pin = world.hub.pin ?? "" } = {}): Outcome {
  const state = join(world.folder, `enrol-${name}`);
  const flags = ["--hub", world.hub.url, "--pin", pin, "--state", state, "--name", name];
  return program([process.execPath, agentProgram, "enrol", ...flags], { input: token });
}

/** The hub's own program with settings of the test, beside the hub of the world. */
function hub(env: Record<string, string>): Outcome {
  const data = join(world.folder, "second-hub");
  mkdirSync(data, { recursive: true });
  return program([process.execPath, join(root, "apps/web/dist/server.mjs")], {
    env: { SONDE_URL: world.hub.url, SONDE_DATA: data, ...env },
  });
}

/** Exit status 1 and a reason, without a stack. */
const refusedBecause = (reason: RegExp) => ({ status: 1, stdout: expect.any(String), stderr: wordsOnly(reason) });
const oneLine = (reason: RegExp) => ({
  status: 1,
  stdout: expect.any(String),
  stderr: expect.stringMatching(new RegExp(`^sonde hub: .*${reason.source}[^\n]*\n$`)),
});
const wordsOnly = (reason: RegExp) => expect.stringMatching(new RegExp(`^(?![^]*\n\\s+at )[^]*${reason.source}`));

async function refusals(hostId: string): Promise<number> {
  const { rows } = await world.database.query("SELECT coalesce(sum(batches), 0)::int AS n FROM batch_refusal WHERE host_id = $1", [hostId]);
  return rows[0].n;
}

/** Seconds stored of the host that behaves. */
async function storedSeconds(): Promise<number> {
  const { rows } = await world.database.query(
    "SELECT count(*)::int AS n FROM interface_counters JOIN interface i ON i.id = interface_id JOIN host h ON h.id = i.host_id WHERE h.name = 'b'",
  );
  return rows[0].n;
}
