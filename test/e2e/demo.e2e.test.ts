import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hostNames } from "../../scripts/lib/demo/hosts.mjs";
import { linkName, marker, processesOf, removeLink } from "../../scripts/lib/demo/leftovers.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { isRunning } from "../../scripts/lib/postgres.mjs";
import { asIdentity } from "../../scripts/lib/privilege.mjs";
import { type Child, startChild } from "../../scripts/lib/proc.mjs";
import { gated, needs } from "../support/needs.ts";

/* `npm run demo` as a person starts and ends it: what it shows is asked for by the API. */

/** What is stored of each kind of traffic. */
const kinds = {
  "names are asked for": "udp.dstport == 53 && host.name == dns-1",
  "pages, also over IPv6": "tcp.dstport == 80 && ipv6 && host.name == web-1",
  TLS: "tcp.dstport == 443 && host.name == client-1",
  "requests behind the requests": "tcp.dstport == 9200 && host.label.role == db",
  "echo requests": "icmp.type == 8",
  "answers by ICMP": "icmp.type == 3",
  "neighbours of IPv6": "icmpv6.type == 135",
  VXLAN: "vxlan.vni == 42",
  "a VLAN": "vlan.id == 20 && host.name == db-1",
  leases: "udp.dstport == 67",
  "bulk transfers": "tcp.dstport == 5201 && flow.bytes > 1M",
  "ports that are closed": "tcp.flags.rst && flow.packets == 1",
};
const patience = { timeout: 90_000, interval: 500 };

let folder: string;
let data: string;
const started: Child[] = [];

const gate = gated(
  ...[needs.namespaces, needs.btf, needs.tcx, needs.busybox, needs.curl, needs.openssl],
  ...[needs.tcpreplay, needs.dnsmasq, needs.iperf3, needs.nc, needs.nft, needs.ping],
);

describe.skipIf(gate.skip)(gate.name("the demo"), () => {
  beforeAll(() => {
    folder = mkdtempSync("/tmp/sonde-demo-test-");
    chmodSync(folder, 0o711); // the hub and Postgres run as another user
    data = join(folder, "demo");
  });

  afterAll(async () => {
    for (const child of started) await child.stop({ signal: "SIGINT", graceMs: 20_000 });
    for (const pid of processesOf(data)) process.kill(pid, "SIGKILL");
    removeLink(data);
    rmSync(folder, { recursive: true, force: true });
  });

  test("five hosts are live, every kind of traffic is seen, and Ctrl+C leaves nothing", { timeout: 200_000 }, async () => {
    const { child, link } = await startDemo("--seed", "1");
    const ask = signIn(link);
    await vi.waitFor(() => expect(live(ask)).toEqual(hostNames.toSorted()), patience);
    const missing = Object.entries(kinds);
    await vi.waitFor(() => {
      while (missing[0] !== undefined && flows(ask, missing[0][1]) > 0) missing.shift();
      expect(missing).toEqual([]);
    }, patience);
    expect(processesOf(data).length).toBeGreaterThan(hostNames.length * 2);
    expect(existsSync(`/sys/class/net/${linkName(data)}`)).toBe(true);

    process.kill(child.pid, "SIGINT");
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expectNothingLeft();
  });

  test("one that is killed ends with all it started; the next clears what may be left, and has the same hosts", async () => {
    const first = await startDemo("--seed", "1");
    const before = hostIds(signIn(first.link));
    await first.child.stop({ signal: "SIGKILL" });
    await vi.waitFor(() => expect(processesOf(data)).toEqual([]), { timeout: 10_000, interval: 50 });
    const left = spawn("sleep", ["infinity"], { env: { ...process.env, [marker]: data }, stdio: "ignore" });
    const ended = new Promise((resolve) => left.once("exit", (_code, signal) => resolve(signal)));
    spawnSync("ip", ["link", "add", linkName(data), "type", "veth", "peer", "name", `${linkName(data)}p`]);

    const second = await startDemo("--seed", "1", "--minutes", "0.2");
    expect(await ended).toBe("SIGKILL");
    const ask = signIn(second.link);
    await vi.waitFor(() => expect(live(ask)).toEqual(hostNames.toSorted()), patience);
    expect(hostIds(ask)).toEqual(before);
    expect(await second.child.exited).toEqual({ code: 0, signal: null });
    expectNothingLeft();
  });

  test("a hub that dies ends it, and nothing is left either", async () => {
    const { child } = await startDemo("--fresh");
    const hub = processesOf(data).find((pid) => commandOf(pid).includes("apps/web/dist/server.mjs"));
    process.kill(hub ?? 0, "SIGKILL");
    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.tail()).toContain("the hub ended by SIGKILL");
    expectNothingLeft();
  });
});

/** Starts it and waits for what it says when it is up. */
async function startDemo(...flags: readonly string[]): Promise<{ child: Child; link: string }> {
  const command = asIdentity({ kind: "self" }, [process.execPath, join(root, "scripts/demo.mjs"), "--data", data, ...flags], "SIGINT");
  const child = startChild({ name: "the demo", command, cwd: root, env: process.env });
  started.push(child);
  const link = await child.waitFor((line) => /^Sign in once with (https:.*)$/.exec(line)?.[1], 100_000);
  return { child, link };
}

type Ask = (path: string) => { items: Record<string, unknown>[] };

/** Signs in by the link; the answer asks the API. The hub's certificate is its own. */
function signIn(link: string): Ask {
  const { origin, hash } = new URL(link);
  const curl = ["--silent", "--show-error", "--fail-with-body", "--insecure", "--noproxy", "*", "--max-time", "10"];
  const jar = join(folder, "jar");
  const headers = ["--header", "content-type: application/json", "--header", `origin: ${origin}`];
  const body = JSON.stringify({ token: hash.slice(1) });
  run([...curl, "--cookie-jar", jar, ...headers, "--data", body, `${origin}/api/auth/admin-link/consume`]);
  return (path) => JSON.parse(run([...curl, "--cookie", jar, `${origin}/api/v1${path}`])) as ReturnType<Ask>;
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("curl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`curl ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

const live = (ask: Ask): string[] =>
  ask("/hosts")
    .items.flatMap(({ name, status }) => (status === "live" ? [String(name)] : []))
    .toSorted();

const hostIds = (ask: Ask): string[] =>
  ask("/hosts")
    .items.map(({ id }) => String(id))
    .toSorted();

const flows = (ask: Ask, filter: string): number => ask(`/flows?limit=10&filter=${encodeURIComponent(filter)}`).items.length;

/** Namespaces without names, programs and links of an agent go with their last process. */
function expectNothingLeft(): void {
  expect(processesOf(data)).toEqual([]);
  expect(isRunning(join(data, "postgres"))).toBe(false);
  expect(existsSync(`/sys/class/net/${linkName(data)}`)).toBe(false);
  expect(["start.lock", "instance.json", "run", "run.tmp"].filter((name) => existsSync(join(data, name)))).toEqual([]);
}

/** Argv of a process, with spaces between; "" when it is gone. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
