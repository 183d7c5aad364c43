import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ether, ipv4, pcap, udp } from "../../packages/bpf/test/support/frames.ts";
import { startBrowser } from "../support/browser.ts";
import { attachedIn, packetsOf } from "../support/captured.ts";
import { gated, needs } from "../support/needs.ts";
import { DESK } from "../support/survey.ts";
import { type Agent, type World, createWorld } from "../support/world.ts";

/* A capture that a browser started, whose pages are then closed: while they watch the file grow and while it is downloaded. */

const FILTER = "udp and dst port 7007";
const LIMIT = 500;
const hosts = ["a", "b"] as const;
const patience = { timeout: 30_000, interval: 100 };
/** 128 bytes of a packet are kept: each can be told from the others by them. */
const frames = Array.from({ length: 400 }, (_, i) =>
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i + 1, dport: 7007, payload: Buffer.alloc(200, i & 255) }) })),
);

let world: World;
let browser: Browser;
const agents = new Map<string, Agent>();
const undo: (() => Promise<void>)[] = [];
const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.tcpreplay, needs.bpftool, needs.chromium);

describe.skipIf(gate.skip)(gate.name("a capture whose browser is closed"), () => {
  beforeAll(async () => {
    world = await createWorld();
    undo.push(world.close);
    for (const short of hosts) agents.set(short, await world.agentOn(short, [], short));
    const started = await startBrowser(world.lab.inside("a", []));
    undo.push(started.close);
    browser = started.browser;
  });
  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  test("ends at its limit, leaves nothing in the kernel, and another sign-in downloads what was taken", async () => {
    const before = inKernel();
    const page = await signedIn();
    await page.goto("/captures");
    await page.getByRole("button", { name: "Start a capture" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Start a capture" });
    await dialog.getByLabel("Filter expression").fill(FILTER);
    await dialog.getByLabel("Packets", { exact: true }).fill(String(LIMIT));
    await dialog.getByLabel("Seconds").fill("600");
    await dialog.getByRole("button", { name: "Start on 2 hosts" }).click();
    for (const host of hosts) await row(page, host, "Running").waitFor();
    const { pathname } = new URL(page.url());
    for (const { held } of inKernel()) expect(held.join()).toContain("sonde_match");

    const watching = await page.context().newPage();
    await watching.goto(`/packets?capture=${pathname.split("/").at(-1)}`);
    inject(frames.slice(0, 100));
    await expect.poll(() => watching.getByLabel("Ledger").innerText(), patience).toMatch(/Packets\s+200\b/);
    // a download of the file as it grows: its end has not come when the page goes
    const first = await page.evaluate<number>(
      `fetch("/api/v1/captures/${pathname.split("/").at(-1)}/file?follow=true").then(async ({ body }) => (await body.getReader().read()).value.length)`,
    );
    expect(first).toBeGreaterThan(0);
    await page.context().close();

    inject(frames.slice(100));
    const other = await signedIn();
    await other.goto(pathname);
    await other.getByText(/^Ended after .* packets/).waitFor();
    for (const host of hosts) await row(other, host, "Ended").waitFor();
    await expect.poll(inKernel, patience).toEqual(before);
    const downloading = other.waitForEvent("download");
    await other.getByRole("link", { name: "Download" }).click();
    const file = join(world.folder, "left.pcapng");
    await (await downloading).saveAs(file);
    const taken = packetsOf(file);
    expect([...taken.keys()].toSorted()).toEqual(["a/wire0", "b/wire0"]);
    expect([...taken.values()].flat()).toHaveLength(LIMIT);
    for (const packets of taken.values()) expect(packets).toEqual(frames.slice(0, packets.length).map(asCaptured));
    expect(world.hubLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

/** What hangs on the wires, what is pinned, and the programs that the agents hold, by name and size. */
function inKernel() {
  const list = spawnSync("bpftool", ["prog", "show", "-j"], { encoding: "utf8", maxBuffer: 1 << 26 });
  const programs = JSON.parse(list.stdout) as readonly { id: number; name?: string; bytes_xlated: number }[];
  return hosts.map((host) => {
    const held = heldBy(agents.get(host)?.child.pid ?? 0);
    return {
      attached: attachedIn(world.lab, host, "wire0"),
      pins: existsSync("/sys/fs/bpf") ? readdirSync("/sys/fs/bpf") : [],
      held: programs.flatMap(({ id, name, bytes_xlated }) => (held.has(id) ? [`${name} ${bytes_xlated}`] : [])).toSorted(),
    };
  });
}

/** Numbers of the programs that a process has open (proc_pid_fdinfo(5)). */
function heldBy(pid: number): Set<number> {
  const folder = `/proc/${pid}/fdinfo`;
  const texts = readdirSync(folder).map((fd) => readFileSync(join(folder, fd), "utf8"));
  return new Set(texts.flatMap((text) => [...text.matchAll(/^prog_id:\s+(\d+)$/gm)].map(([, id]) => Number(id))));
}

/** By a link of its own, in a context of its own. */
async function signedIn(): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: world.hub.url, viewport: DESK });
  const page = await context.newPage();
  await page.goto(await world.hub.admin("admin-link"));
  await page.getByRole("button", { name: "Sign in to this hub" }).click();
  await page.getByLabel("E-mail").waitFor();
  return page;
}

const row = (page: Page, host: string, state: string) =>
  page.getByRole("grid", { name: "Hosts of the capture" }).getByRole("row", { name: new RegExp(`^${host} ${state}`) });

/** Seen twice: a packet leaves host a and comes to host b. */
function inject(some: readonly Buffer[]): void {
  const file = join(world.folder, "inject.pcap");
  writeFileSync(file, pcap(some));
  world.lab.run("a", ["tcpreplay", "-q", "-K", "--pps=4000", "-i", "wire0", file]);
}

const asCaptured = (frame: Buffer): string => `${frame.length} ${frame.subarray(0, 128).toString("hex")}`;
