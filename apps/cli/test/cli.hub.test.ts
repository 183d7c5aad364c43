import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostListSchema } from "@sonde/protocol/rest";
import { seeded } from "../../../test/support/random.ts";
import { storeFlows, makeTestHosts, randomFlows, type TestFlow } from "../../web/test/flow-rows.ts";
import { startTestHub, type TestHub } from "../../web/test/hub.ts";
import { readConfig } from "../../web/src/server/boot/config.ts";
import { readTlsFiles } from "../../web/src/server/boot/data-dir.ts";
import { createApiToken } from "../../web/src/server/services/api-tokens/create.ts";

let hub: TestHub;
let folder: string;
let token: string;
let flows: TestFlow[];
const seed = Date.now() % 1_000_000;
const end = Math.floor(Date.now() / 1000) * 1000 - 60_000;
const range = ["--from", new Date(end - 600_000).toISOString(), "--to", new Date(end).toISOString()];
/** What a host might call itself to take over a terminal, a spreadsheet or a reader's eye. */
const hostile = '=cmd|"\u001b]0;owned\u0007\u009b31m\u202egnp';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sonde-cli-"));
  execFileSync(process.execPath, [fileURLToPath(new URL("../build.mjs", import.meta.url)), folder]);
  hub = await startTestHub();
  console.info(`seed ${seed}`);
  const hosts = await makeTestHosts(hub.ctx.series, 4);
  flows = randomFlows(seeded(seed), hosts, { count: 2500, from: end - 600_000, to: end });
  await storeFlows(hub.ctx.series, flows);
  await hub.ctx.db.host.create({ data: { name: hostile } });
  const input = { name: "cli", access: "write" as const, scope: null, expiresAt: null };
  ({ token } = await createApiToken({ ctx: hub.ctx, actor: { kind: "local" }, input }));
});
afterAll(async () => {
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Outcome = { status: number | null; stdout: string; stderr: string };
type Env = Record<string, string>;
const asUser = (home: string): Env => ({ XDG_CONFIG_HOME: join(folder, home) });

/** Runs the built command; without `env`, with a token of the environment. */
function sonde(args: readonly string[], env?: Env, input = ""): Promise<Outcome> {
  const child = spawn(process.execPath, [join(folder, "sonde.mjs"), ...args], {
    env: { PATH: process.env["PATH"], HOME: folder, ...(env ?? { SONDE_HUB: hub.url, SONDE_TOKEN: token }) },
  });
  child.stdin.end(input);
  const taken = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => (taken[name] += text));
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, ...taken })));
}
const lines = (text: string): string[] => text.split("\n").filter(Boolean);
const failing = (status: number, words: string) => ({ status, stdout: "", stderr: expect.stringContaining(words) });

describe("login", () => {
  test("takes the token from standard input, keeps it for this user alone, and forgets it", async () => {
    const env = asUser("ann");
    const file = join(folder, "ann/sonde/hub.json");
    expect(await sonde(["hosts"], env)).toEqual(failing(1, "log in first"));
    const done = await sonde(["login", hub.url], env, `${token}\n`);
    expect(done).toEqual({ status: 0, stdout: "", stderr: expect.stringContaining(`Logged in to ${hub.url}`) });
    expect(done.stderr).not.toContain(token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "ann/sonde")).mode & 0o777).toBe(0o700);
    expect((await sonde(["hosts"], env)).status).toBe(0);
    chmodSync(file, 0o644);
    expect(await sonde(["hosts"], env)).toEqual(failing(1, "may be read by others"));
    chmodSync(file, 0o600);
    writeFileSync(file, `{"token":"${token}"`);
    const damaged = await sonde(["hosts"], env);
    expect(damaged.stderr).toMatch(/is damaged; log in again/);
    expect(damaged.stderr).not.toContain(token);
    expect((await sonde(["logout"], env)).status).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  test("a token that is typed is not shown", async () => {
    const command = `'${process.execPath}' '${join(folder, "sonde.mjs")}' login '${hub.url}'`;
    const env = { PATH: process.env["PATH"], SHELL: "/bin/sh", ...asUser("kim") };
    const terminal = spawn("script", ["-qefc", command, "/dev/null"], { env }); // util-linux: a terminal of its own
    let shown = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (!shown.includes("API token for") && (shown + text).includes("API token for")) terminal.stdin.write(`${token}x\u007f\r`);
      shown += text;
    });
    const status = await new Promise((resolve) => terminal.once("close", resolve));
    expect({ status, shown }).toEqual({ status: 0, shown: expect.stringContaining("Logged in to") });
    expect(shown).not.toContain(token.slice(6, 20));
    expect((await sonde(["hosts"], asUser("kim"))).status).toBe(0);
  });

  test("keeps nothing that the hub refuses, and sends nothing to what is no hub's address", async () => {
    const env = asUser("bob");
    expect(await sonde(["login", hub.url], env, `sonde_${"x".repeat(43)}`)).toEqual(failing(1, "API_TOKEN_REFUSED"));
    expect(await sonde(["login", hub.url], env)).toEqual(failing(2, "the token is empty"));
    expect(await sonde(["login", hub.url], env, "snd_agent_x")).toEqual(failing(2, "this is no API token"));
    expect(await sonde(["login", "http://192.0.2.1:7878"], env, token)).toEqual(failing(2, "plain http is for loopback alone"));
    expect(await sonde(["login", "http://127.0.0.1:1"], env, token)).toEqual(failing(1, "ECONNREFUSED"));
    expect(existsSync(join(folder, "bob"))).toBe(false);
  });

  test("a stored token goes to no other hub", async () => {
    const env = asUser("eve");
    await sonde(["login", hub.url], env, token);
    expect(await sonde(["hosts"], { ...env, SONDE_HUB: "http://127.0.0.1:1" })).toEqual(failing(2, "another hub"));
  });

  test("a certificate of the hub's own is taken by its pin alone, before the token is sent", async () => {
    const config = readConfig({ DATABASE_URL: "postgresql://u@h/d", SONDE_URL: "https://127.0.0.2:1", SONDE_DATA: folder });
    const tls = readTlsFiles(config, new Date())!;
    const seen: unknown[] = [];
    const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("content-type", "application/json").end(JSON.stringify({ version: "9", url: "x", now: new Date().toISOString() }));
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.2", resolve));
    const url = `https://127.0.0.2:${(server.address() as AddressInfo).port}`;
    const env = asUser("tls");
    expect(await sonde(["login", url], env, token)).toEqual(failing(1, `--pin ${tls.pin}`));
    const wrong = `sha256//${"A".repeat(43)}=`;
    expect(await sonde(["login", url, "--pin", wrong], env, token)).toEqual(failing(1, "someone in between"));
    expect(seen).toEqual([]);
    expect((await sonde(["login", url, "--pin", tls.pin!], env, token)).stderr).toContain("Sonde 9");
    expect(seen).toEqual([`Bearer ${token}`]);
    server.closeAllConnections();
    server.close();
  });
});

describe("output", () => {
  test("table, json, ndjson and csv hold the same hosts, and nothing in a name acts", async () => {
    const table = await sonde(["hosts"]);
    expect(table.status).toBe(0);
    expect(lines(table.stdout)[0]).toMatch(/^NAME +STATUS +LAST SEEN +LABELS/);
    expect(lines(table.stdout)).toHaveLength(6);
    expect(table.stdout).toContain('=cmd|"\\x1b]0;owned\\x07\\x9b31m\\u202egnp');
    const json = await sonde(["hosts", "-o", "json"]);
    const items = hostListSchema.shape.items.parse(JSON.parse(json.stdout));
    expect(items.map((host) => host.name)).toContain(hostile);
    const ndjson = await sonde(["hosts", "-o", "ndjson"]);
    expect(lines(ndjson.stdout).map((line) => JSON.parse(line) as unknown)).toEqual(JSON.parse(json.stdout));
    const csv = await sonde(["hosts", "-o", "csv"]);
    expect(csv.stdout).toContain(`"'=cmd|""\\x1b]0;owned`);
    expect(csv.stdout).toContain("env=prod");
    for (const { stdout } of [table, json, ndjson, csv])
      // eslint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test("what is asked in a wrong way is told apart from what failed", async () => {
    for (const args of [
      ["dance"],
      ["hosts", "-o", "yaml"],
      ["flows", "--from", "yesterday"],
      ["flows", "--limit", "0"],
      ["flows", "--all"],
    ])
      expect(await sonde(args)).toMatchObject({ status: 2, stdout: "" });
    expect((await sonde(["--version"])).stdout).toBe("0.1.0\n");
  });

  test("completions name what there is", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { stdout, status } = await sonde(["completion", shell]);
      expect(status).toBe(0);
      for (const word of ["histogram", "revoke", "before-from"]) expect(stdout).toContain(word);
    }
    const { stdout } = await sonde(["completion", "bash"]);
    const script = `${stdout}\nCOMP_WORDS=(sonde query hi); COMP_CWORD=2; _sonde; echo "\${COMPREPLY[*]}"`;
    expect(execFileSync("bash", ["-c", script], { encoding: "utf8" })).toBe("histogram\n");
  });
});

describe("flows", () => {
  const match = (flow: TestFlow): boolean => flow.protocol === 6 && flow.destinationPort === 443;
  const filter = ["--filter", "tcp.dstport == 443"];

  test("newest first, over as many pages as it takes, and all of them by export", async () => {
    const { stdout, status } = await sonde(["flows", ...range, "--limit", "2200", "-o", "ndjson"]);
    expect(status).toBe(0);
    const found = lines(stdout).map((line) => JSON.parse(line) as { at: string });
    expect(found).toHaveLength(2200);
    expect(found.map((flow) => flow.at)).toEqual(
      found
        .map((flow) => flow.at)
        .toSorted()
        .toReversed(),
    );
    const all = await sonde(["flows", ...range, ...filter, "--all", "-o", "ndjson"]);
    const sum = lines(all.stdout).reduce((bytes, line) => bytes + Number((JSON.parse(line) as { bytes: string }).bytes), 0);
    expect(lines(all.stdout)).toHaveLength(flows.filter(match).length);
    expect(sum).toBe(flows.filter(match).reduce((bytes, flow) => bytes + flow.bytes, 0));
    expect(lines((await sonde(["flows", ...range, ...filter, "--limit", "5"])).stdout)[0]).toMatch(/^TIME +HOST +INTERFACE +DIR +PROTO/);
  });

  test("a filter that is not understood is shown with its place", async () => {
    const { status, stderr } = await sonde(["flows", "--filter", "tcp.dstport == nonsense"]);
    expect(status).toBe(1);
    expect(stderr).toContain("QUERY_FILTER");
    expect(lines(stderr).slice(-2)).toEqual(["  tcp.dstport == nonsense", expect.stringMatching(/^ +\^+$/)]);
  });

  test("top, histogram, compare and ledger add up", async () => {
    const bytes = flows.filter(match).reduce((sum, flow) => sum + flow.bytes, 0);
    const total = (text: string, column: string): number => {
      const [head = "", ...rows] = lines(text.replaceAll("\r", ""));
      const at = head.split(",").indexOf(column);
      return rows.reduce((sum, row) => sum + Number(row.split(",")[at]), 0);
    };
    expect(total((await sonde(["query", "top", "ip.src", ...range, ...filter, "--limit", "1000", "-o", "csv"])).stdout, "bytes")).toBe(
      bytes,
    );
    expect((await sonde(["flows", "--top", "ip.src", ...range, ...filter])).stderr).toContain(`in all ${bytes} bytes`);
    const over = await sonde(["query", "histogram", ...range, ...filter, "-o", "csv"]);
    expect(total(over.stdout, "bytes")).toBe(bytes);
    const compared = await sonde(["query", "compare", "ip.src", ...range, ...filter]);
    expect(compared).toMatchObject({ status: 0, stderr: expect.stringMatching(/^\d+ new, 0 gone/) });
    expect(lines((await sonde(["query", "ledger"])).stdout).at(-1)).toMatch(/^\(all\)/);
  });
});

test("tokens are made, used, listed and revoked, and no argument takes a secret", async () => {
  const made = await sonde(["token", "create", "ci", "--scope", "env=prod,test", "--expires", "30d"]);
  expect(made).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^sonde_[\w-]{43}\n$/),
    stderr: expect.stringContaining("env=prod,test"),
  });
  const secret = made.stdout.trim();
  const env = { SONDE_HUB: hub.url, SONDE_TOKEN: secret };
  expect(lines((await sonde(["hosts"], env)).stdout)).toHaveLength(5); // not the one without labels
  expect(await sonde(["token", "create", "more"], env)).toEqual(failing(1, "FORBIDDEN"));
  const list = JSON.parse((await sonde(["token", "list", "-o", "json"])).stdout) as { id: string; name: string }[];
  const { id } = list.find((one) => one.name === "ci")!;
  expect(JSON.stringify(list)).not.toContain(secret.slice(12));
  expect(await sonde(["token", "revoke", secret])).toEqual(failing(2, "never by its secret"));
  expect((await sonde(["token", "revoke", id])).status).toBe(0);
  expect(await sonde(["hosts"], env)).toEqual(failing(1, "was revoked"));
});
