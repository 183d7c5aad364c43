import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { captureDetail, captureHost, captureId, ids, startFakeHub, type FakeHub } from "./fake-hub.ts";

let folder: string;
let hub: FakeHub;
const started: ChildProcessWithoutNullStreams[] = [];
const file = (): string => join(folder, "out.pcapng");
const on = ["--hosts", "web-1,web-2"];
const running = () => captureDetail([captureHost(ids[0], "web-1", { state: "running" }), captureHost(ids[1], "web-2")]);
const done = (more = {}) =>
  captureDetail(
    [
      captureHost(ids[0], "web-1", { state: "ended", reason: "time", packets: "7", bytes: "700" }),
      captureHost(ids[1], "web-2", { state: "ended", reason: "time", packets: "1", bytes: "90", ...more }),
    ],
    { endedAt: "2026-01-01T00:01:00.000Z", endReason: "time" },
  );

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sonde-capture-"));
  execFileSync(process.execPath, [fileURLToPath(new URL("../build.mjs", import.meta.url)), folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  hub = await startFakeHub();
  hub.capture = running();
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  await hub.close();
});

function start(args: readonly string[]) {
  const env = { PATH: process.env["PATH"], HOME: folder, SONDE_HUB: hub.url, SONDE_TOKEN: `sonde_${"x".repeat(43)}` };
  const child = spawn(process.execPath, [join(folder, "sonde.mjs"), ...args], { env });
  started.push(child);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const status = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, status, stderr: () => stderr };
}

async function sonde(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const { child, status, stderr } = start(args);
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  return { status: await status, stdout, stderr: stderr() };
}

describe("sonde capture", () => {
  test.each([
    [["--all"], "-w - | wireshark -k -i -"],
    [["-w", "x"], "say on which hosts"],
    [["-w", "x", "--all", "--label", "env=prod"], "in one way"],
    [["-w", "x", "--label", "env"], "--label wants KEY=VALUE"],
    [["-w", "x", "--all", "--duration", "soon"], "--duration wants a span"],
    [["-w", "x", "--all", "--size", "1T"], "a size is like"],
    [["-w", "x", "--all", "-s", "5000"], "whole number from 0 to 4096"],
  ])("asked for in a wrong way: %j", async (args, words) => {
    expect(await sonde("capture", ...args)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(words) });
    expect(hub.asked).toEqual([]);
  });

  test("a host that is none, or two, is named before anything is asked of any", async () => {
    expect(await sonde("capture", "-w", file(), "--hosts", "web-1,web-9")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no host "web-9"'),
    });
    expect((await sonde("capture", "-w", file(), "--hosts", "twin")).stderr).toContain("2 hosts are named twin: use their ids");
    expect(hub.asked).toEqual([]);
  });

  test("asks for what the flags say, writes the file for its owner alone, and sums up", async () => {
    const bytes = randomBytes(300_000);
    hub.file = (response) => {
      response.write(bytes.subarray(0, 1000));
      hub.capture = done();
      response.end(bytes.subarray(1000));
    };
    const flags = ["-s", "1500", "--reason", "a bug", "-c", "5000", "--duration", "2m", "--size", "3M", "--name", "n", "-w", file()];
    const { status, stderr, stdout } = await sonde("capture", ...on, ...flags, "tcp", "port", "443");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    const limits = { snaplen: 1500, reason: "a bug", maxPackets: 5000, seconds: 120, maxBytes: 3_000_000 };
    expect(hub.asked).toEqual([{ expression: "tcp port 443", hosts: [...ids], name: "n", ...limits }]);
    expect(hub.calls).toEqual([`GET /captures/${captureId}/file?follow=true`]);
    expect(readFileSync(file()).equals(bytes)).toBe(true);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(stderr).toContain(`capture ${captureId}, 2 hosts`);
    expect(stderr).toContain("8 packets, 790 B captured; ended by time\nnothing is missing\n");
  });

  test("what is missing is said by host, and less than was asked for too", async () => {
    hub.capture = captureDetail([], {});
    hub.file = (response) => {
      const missing = { lost: "3", sampleN: 20 };
      hub.capture = { ...done(missing), snaplen: 1500 };
      hub.capture.hosts.push(captureHost(captureId, "db\u001b[2J", { state: "offline", snaplen: null }));
      response.end("x");
    };
    const { status, stderr } = await sonde("capture", "--label", "env=prod,test", "--label", "env=dev", "-w", file());
    expect(status).toBe(0);
    expect(hub.asked).toMatchObject([{ expression: "", hosts: { labels: { env: ["prod", "test", "dev"] } } }]);
    expect(stderr).toContain("by their own limits: web-1 128, web-2 128");
    expect(stderr).toContain("web-2: ended (time): 1 packet, 90 B of up to 128 bytes each, 3 LOST, at times only 1 in 20 packets");
    expect(stderr).toContain("db\\x1b[2J: not connected");
    expect(stderr).not.toContain("web-1: ");
  });

  test("tells how far the hosts are while it runs", async () => {
    let end = (): unknown => undefined;
    hub.file = (response) => {
      response.write("head");
      hub.capture = captureDetail([
        captureHost(ids[0], "web-1", { state: "running", snaplen: 96 }),
        captureHost(ids[1], "web-2", { state: "refused", reason: "no BPF" }),
      ]);
      end = () => response.end();
    };
    hub.capture = captureDetail([captureHost(ids[0], "web-1"), captureHost(ids[1], "web-2")]);
    const { status, stderr } = start(["capture", ...on, "-w", file()]);
    await vi.waitFor(() => expect(stderr()).toContain("web-1: captures up to 96 bytes of a packet\nweb-2: refused (no BPF)\n"), {
      timeout: 10_000,
    });
    hub.capture = done();
    end();
    expect(await status).toBe(0);
  });

  test("no host took part", async () => {
    hub.file = (response) => {
      hub.capture = captureDetail([captureHost(ids[0], "web-1", { state: "refused", reason: "no BPF" })]);
      response.end("x");
    };
    expect(await sonde("capture", ...on, "-w", file())).toMatchObject({ status: 1, stderr: expect.stringContaining("no host took part") });
  });

  test("an expression that is not understood is shown with its place", async () => {
    const problem = {
      type: "about:blank",
      title: "x",
      status: 400,
      code: "FILTER_EXPRESSION",
      detail: "syntax error",
      position: 4,
      length: 5,
    };
    hub.problem = problem;
    const { status, stderr } = await sonde("capture", "--all", "-w", file(), "tcp prot 443");
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("  tcp prot 443\n      ^^^^^\n") });
  });

  test("Ctrl+C ends it on the hub, and what is still coming comes", async () => {
    let response: ServerResponse | undefined;
    hub.file = (given) => {
      response = given;
      given.write("first ");
    };
    hub.onStop = () => {
      hub.capture = done();
      response?.end("last");
    };
    const { child, status, stderr } = start(["capture", ...on, "-w", "-"]);
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout === "first ") child.kill("SIGINT");
    });
    expect(await status).toBe(0);
    expect(stdout).toBe("first last");
    expect(hub.calls.at(-1)).toBe(`POST /captures/${captureId}/stop`);
    expect(stderr()).toContain("what was captured is still coming");
  });

  test("bytes wait for a slow reader; one that goes away ends the capture", async () => {
    const chunk = Buffer.alloc(65_536, 7);
    let [sent, before, still] = [0, 0, 0];
    hub.file = (response) => {
      const more = (): void => {
        while (!response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
      };
      more();
    };
    const { child, status, stderr } = start(["capture", ...on, "-w", "-"]);
    await new Promise((resolve) => child.stdout.once("readable", resolve));
    await vi.waitFor(() => {
      still = sent === before ? still + 1 : 0;
      before = sent;
      expect(still).toBeGreaterThan(10); // nothing moves any more
    }, 15_000);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    child.stdout.destroy();
    expect(await status).toBe(1);
    expect(hub.calls.at(-1)).toBe(`POST /captures/${captureId}/stop`);
    expect(stderr()).toContain(`sonde captures download ${captureId} -w FILE`);
  });

  test("a disk without room ends it too", async () => {
    hub.file = (response) => void response.write(Buffer.alloc(100_000));
    expect(await sonde("capture", ...on, "-w", "/dev/full")).toMatchObject({ status: 1, stderr: expect.stringContaining("ENOSPC") });
    expect(hub.calls.at(-1)).toBe(`POST /captures/${captureId}/stop`);
  });

  test("a hub that breaks off leaves what came, and says how to get the rest", async () => {
    hub.file = (response) => void response.write("head", () => response.destroy());
    const { status, stderr } = await sonde("capture", ...on, "-w", file());
    expect(status).toBe(1);
    expect(stderr).toContain("the hub broke off behind 4 bytes");
    expect(stderr).toContain(`sonde captures download ${captureId}`);
    expect(readFileSync(file(), "utf8")).toBe("head");
  });
});

describe("sonde captures", () => {
  test("list, also without a verb; stop; rm; download", async () => {
    hub.capture = done({ lost: "2" });
    for (const args of [["captures"], ["captures", "list"]]) {
      const { status, stdout } = await sonde(...args);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^NAME +BEGAN +STATE +HOSTS +PACKETS +BYTES +LOST +BY +ID\ntest .* time +0 +8 +790 B +2 +cli +3333/);
    }
    const { stdout } = await sonde("captures", "list", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject([{ id: captureId, packets: "8" }]);
    expect(await sonde("captures", "stop", captureId)).toMatchObject({ status: 0, stderr: expect.stringContaining("web-1: ended") });
    expect(await sonde("captures", "rm", captureId)).toMatchObject({ status: 0, stderr: `Removed ${captureId}\n` });
    hub.file = (response) => void response.end("bytes");
    expect(await sonde("captures", "download", captureId, "-w", "-")).toMatchObject({ status: 0, stdout: "bytes" });
    await sonde("captures", "download", captureId, "--follow", "-w", file());
    expect(hub.calls.slice(1)).toEqual([
      "GET /captures?limit=50",
      "GET /captures?limit=50",
      `POST /captures/${captureId}/stop`,
      `DELETE /captures/${captureId}`,
      `GET /captures/${captureId}/file?follow=false`,
      `GET /captures/${captureId}/file?follow=true`,
    ]);
    expect(await sonde("captures", "rm", "test")).toMatchObject({ status: 2 });
  });
});
