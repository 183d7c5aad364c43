import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAll } from "../../packages/pcapfile/test/support/files.ts";
import { enterCommand, makeBusyboxRoot } from "../support/chroot.ts";
import { framesOf, knownMix, pcapFile } from "../support/frames.ts";
import { gated, needs } from "../support/needs.ts";

/* The bundle on a host that has nothing but busybox: its commands, its filter compiler, its pipes. */

const gate = gated(needs.namespaces, needs.btf, needs.busybox, needs.curl);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const mix = knownMix(1);
const frames = framesOf(mix);
/** 1-based numbers of the mix's untagged UDP packets, as `udp` takes them. */
const udp = frames.flatMap((frame, i) =>
  (frame.readUInt16BE(12) === 0x0800 ? frame[23] : frame.readUInt16BE(12) === 0x86dd ? frame[20] : 0) === 17 ? [i + 1] : [],
);
let root: string;

/** Runs a script by the bare host's own sh. */
function onHost(script: string, input: Uint8Array = new Uint8Array()) {
  const [file = "", ...args] = enterCommand(root, `export PATH=/bin:/opt/agent; ${script}`);
  const { status, stdout, stderr } = spawnSync(file, args, { input, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }, maxBuffer: 1 << 26 });
  return { status, stdout, stderr: stderr.toString() };
}
const lines = (output: Buffer): number[] => output.toString().split("\n").filter(Boolean).map(Number);

describe.skipIf(gate.skip)(gate.name("the bundle on a bare host"), () => {
  beforeAll(() => {
    execFileSync(process.execPath, [join(repository, "scripts/build-bundle.mjs")], { cwd: repository });
    root = mkdtempSync(join(tmpdir(), "sonde-bare-"));
    makeBusyboxRoot(root);
    mkdirSync(join(root, "opt/agent"), { recursive: true });
    execFileSync("tar", ["-xzf", join(repository, "apps/agent/dist/sonde-agent-x86_64.tar.gz"), "-C", join(root, "opt/agent")]);
    writeFileSync(join(root, "mix.pcap"), pcapFile(frames));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("filter check compiles by its own compiler, and asks this kernel", () => {
    const { status, stdout, stderr } = onHost("sonde-agent filter check --json 'tcp port 443'");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const found = JSON.parse(stdout.toString()) as { kernel: { nsPerPacket: number } };
    expect(found).toMatchObject({ ok: true, ethernet: { instructions: 20 }, raw: { instructions: 23 } });
    expect(found.kernel.nsPerPacket).toBeGreaterThan(0);
  });

  test("its faults have words and a place, and one that takes too long leaves no process", () => {
    expect(onHost("sonde-agent filter check 'tcp prot 443'")).toMatchObject({
      status: 1,
      stderr: 'tcp prot 443\n    ^^^^\nnot understood from "prot 443" on\n',
    });
    expect(onHost("sonde-agent filter check 'host www.example.com'")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("names are not resolved"),
    });
    const slow = Array.from({ length: 390 }, (_, i) => `host 10.0.${i}.1`).join(" or ");
    expect(onHost(`sonde-agent filter check '${slow}'`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("takes more than 1 s to compile"),
    });
    expect(insideRoot()).toEqual([]);
  });

  test("files, standard input and output, pipes", () => {
    expect(lines(onHost("sonde-agent filter run -r mix.pcap udp").stdout)).toEqual(udp);
    expect(lines(onHost("sonde-agent filter run -r - --hook tc udp", readFileSync(join(root, "mix.pcap"))).stdout)).toEqual(udp);
    const piped = onHost("cat mix.pcap | sonde-agent filter run -r - -w - udp | sonde-agent filter run -r - -w - 'ip6 or len > 0' | cat");
    expect(piped).toMatchObject({ status: 0, stderr: "" });
    expect(readAll(piped.stdout).packets.map(({ bytes }) => Buffer.from(bytes))).toEqual(udp.map((number) => frames[number - 1]));
    const decoded = onHost("sonde-agent decode --json -r mix.pcap").stdout.toString().trimEnd().split("\n");
    expect(decoded.map((line) => (JSON.parse(line) as { packet: number }).packet)).toEqual(frames.map((_, i) => i + 1));
  });
});

/** Processes that run inside the bare host still. */
function insideRoot(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/root`) === root;
    } catch {
      return false; // it ended
    }
  });
}
