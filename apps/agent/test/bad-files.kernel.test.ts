import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { interfaceBlock, packetBlock, pcapHeader, sectionHeader } from "@sonde/pcapfile";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { pcap, readAll } from "../../../packages/pcapfile/test/support/files.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { seeded } from "../../../test/support/random.ts";
import { agent, bin, numbers, openFolder, processesOf, somePackets } from "./built.ts";

/* Files that are no captures, and outputs that take nothing, at `filter run` and `decode`. */

const gate = gated(needs.root, needs.btf);
const folder = openFolder();
const packets = somePackets(seeded(7), 50);
let sound: string;

describe.skipIf(gate.skip)(gate.name("bad files"), () => {
  beforeAll(() => {
    sound = folder.write("sound.pcap", pcap(packets));
  });
  afterAll(() => folder.close());

  describe("capture files", () => {
    const le = (...words: number[]): Buffer => Buffer.concat(words.map((word) => Buffer.from(Uint32Array.of(word).buffer)));
    const section = Buffer.concat([sectionHeader({ application: "x" }), interfaceBlock({ linkType: 1, snaplen: 0, name: "x" })]);
    const head = pcapHeader({ linkType: 1, snaplen: 65_535 });
    const damaged: readonly (readonly [name: string, bytes: Uint8Array, words: string])[] = [
      ["empty", Buffer.alloc(0), "not a capture file: shorter than its magic number (at byte 0)"],
      ["text", Buffer.from("No such packet.\n".repeat(99)), "not a capture file: neither pcap nor pcapng (at byte 0)"],
      ["half a header", head.subarray(0, 20), "the pcap file ends inside a record (at byte 0)"],
      ["half a record", Buffer.concat([head, le(1, 1, 60, 60), Buffer.alloc(30)]), "the pcap file ends inside a record (at byte 24)"],
      [
        "a packet of 4 GiB",
        Buffer.concat([head, le(1, 1, 0xffff_ffff, 0xffff_ffff), Buffer.alloc(99)]),
        "a packet of 4294967295 bytes: the file is damaged (at byte 24)",
      ],
      [
        "a version of the future",
        Buffer.concat([head.subarray(0, 4), Buffer.from([9, 0, 0, 0]), head.subarray(8)]),
        "pcap version 9 is not known (at byte 4)",
      ],
      [
        "a block of no length",
        Buffer.concat([section, le(6, 0, 0, 0, 0)]),
        `a block of 0 bytes: the file is damaged (at byte ${section.length})`,
      ],
      [
        "a block of 4 GiB",
        Buffer.concat([section, le(6, 0xffff_fffc, 0, 0)]),
        `a block of 4294967292 bytes: the file is damaged (at byte ${section.length})`,
      ],
      [
        "a block of 33 bytes",
        Buffer.concat([section, le(6, 33, 0, 0)]),
        `a block of 33 bytes: the file is damaged (at byte ${section.length})`,
      ],
      [
        "two lengths of one block",
        Buffer.concat([section, le(5, 12, 16)]),
        `a block's two lengths differ: the file is damaged (at byte ${section.length})`,
      ],
      [
        "a packet longer than its block",
        Buffer.concat([section, le(6, 32, 0, 0, 0, 99, 99, 32)]),
        `a block is shorter than its content (at byte ${section.length})`,
      ],
      [
        "a packet of no interface",
        Buffer.concat([section, le(6, 32, 5, 0, 0, 0, 0, 32)]),
        `a packet of interface 5, which was not described (at byte ${section.length})`,
      ],
      [
        "a section without byte order",
        Buffer.concat([le(0x0a0d0d0a, 28, 0), Buffer.alloc(16)]),
        "a section without byte-order magic (at byte 0)",
      ],
    ];

    test.each(damaged)("%s", (_name, bytes, words) => {
      const path = folder.write("damaged", bytes);
      for (const args of [
        ["filter", "run", "-r", path, "udp"],
        ["decode", "-r", path],
        ["decode", "--json", "-r", "-"],
      ]) {
        const name = args.includes("-") ? "-" : path;
        const { status, stdout, stderr } = agent(args, bytes);
        expect({ status, stdout: stdout.length, stderr }).toEqual({ status: 1, stdout: 0, stderr: `sonde-agent: ${name}: ${words}\n` });
      }
    });

    test("a directory, a name that is none, a file that may not be written", () => {
      mkdirSync(folder.path("folder"));
      const ending = (...args: string[]): readonly [number | null, string] => {
        const { status, stderr } = agent(args);
        return [status, stderr];
      };
      const run = (...args: string[]) => ending("filter", "run", ...args, "udp");
      expect(run("-r", folder.path("folder"))).toEqual([
        1,
        `sonde-agent: ${folder.path("folder")}: EISDIR: illegal operation on a directory, read\n`,
      ]);
      expect(ending("decode", "-r", folder.path("none"))).toEqual([1, expect.stringMatching(/^sonde-agent: \S+\/none: ENOENT: /)]);
      expect(run("-r", sound, "-w", folder.path("folder"))).toEqual([1, expect.stringMatching(/^sonde-agent: \S+\/folder: EISDIR: /)]);
      expect(run("-r", sound, "-w", "/dev/full")).toEqual([1, "sonde-agent: /dev/full: ENOSPC: no space left on device, write\n"]);
      expect(run("-r", sound, "--hook", "egress")).toEqual([2, expect.stringContaining("Allowed choices are xdp, tc")]);
      expect(ending("filter", "run", "udp")).toEqual([2, expect.stringContaining("required option '-r, --read <file>' not specified")]);
    });

    test("what was given to be read, or was there before a slip, is not overwritten", () => {
      const before = readFileSync(sound);
      expect(agent(["filter", "run", "-r", sound, "-w", sound, "udp"])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("is the file to read"),
      });
      expect(agent(["filter", "run", "-r", folder.path("nothing"), "-w", sound, "udp"]).status).toBe(1);
      expect(readFileSync(sound)).toEqual(before);
    });

    test("packets before the damage are handed on", () => {
      const bytes = Buffer.concat([pcap(packets), Buffer.alloc(9)]);
      const out = folder.path("before.pcap");
      const ended = agent(["filter", "run", "-r", folder.write("late.pcap", bytes), "-w", out, ""]);
      expect({ status: ended.status, numbers: numbers(ended) }).toEqual({ status: 1, numbers: packets.map((_, i) => i + 1) });
      expect(readAll(readFileSync(out)).packets).toHaveLength(packets.length);
    });

    test("more captured than the file's own limit, or than was on the wire", () => {
      const [first] = packets.filter(({ bytes }) => bytes.length > 64);
      const bytes = first?.bytes ?? new Uint8Array();
      const limited = folder.write("limited.pcap", pcapHeader({ linkType: 1, snaplen: 40 }), le(1, 1, bytes.length, bytes.length), bytes);
      const [line = ""] = agent(["decode", "--json", "-r", limited]).stdout.toString().split("\n");
      expect(JSON.parse(line)).toMatchObject({ "frame.captured": 40, "frame.length": bytes.length });
      const impossible = folder.write(
        "impossible.pcapng",
        section,
        packetBlock({ interfaceId: 0, tsNs: 0n, wireLen: bytes.length - 1, bytes }),
      );
      expect(agent(["decode", "-r", impossible])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("packet 1 was not tried: it was shorter on the wire than what was captured of it"),
      });
    });

    test("a pipe whose writer goes early", async () => {
      const fifo = folder.path("fifo");
      execFileSync("mkfifo", [fifo]);
      const child = spawn(process.execPath, [bin, "filter", "run", "-r", fifo, "len > 0"], { stdio: ["ignore", "pipe", "pipe"] });
      const exited = new Promise((resolve) => child.on("close", resolve));
      const said = { out: "", error: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (said.error += text));
      const bytes = pcap(packets);
      writeFileSync(fifo, bytes.subarray(0, bytes.length - 1)); // waits until it is opened to be read
      expect(await exited).toBe(1);
      expect(said).toEqual({
        out: packets
          .slice(1)
          .map((_, i) => `${i + 1}\n`)
          .join(""),
        error: expect.stringMatching(/fifo: the pcap file ends inside a record \(at byte \d+\)\n$/) as unknown,
      });
    });
  });

  describe("standard output", () => {
    test.each([
      ["filter run", ["filter", "run", "-w", "-"]],
      ["decode", ["decode", "--json"]],
    ])("%s: what a slow reader takes is whole", async (_name, args) => {
      const many = folder.write("many.pcap", pcap(Array.from({ length: 80 }, () => packets).flat()));
      const command = [...args, "-r", many, ...(args[0] === "decode" ? [] : ["len > 0"])];
      const straight = agent(command).stdout;
      expect(straight.length).toBeGreaterThan(300_000); // several times what a pipe holds
      const gateway = folder.path(`gate-${args[0]}`);
      execFileSync("mkfifo", [gateway]);
      // The reader begins when something stands in the fifo.
      const script = `gate=$1; shift; "$@" | { read -r _ <"$gate"; cat; }; exit "\${PIPESTATUS[0]}"`;
      const piped = spawn("bash", ["-c", script, "bash", gateway, process.execPath, bin, ...command], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = new Promise((resolve) => piped.on("close", resolve));
      const parts: Buffer[] = [];
      piped.stdout.on("data", (part: Buffer) => parts.push(part));
      const writer = (): string | undefined =>
        processesOf(process.execPath).find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(many));
      await vi.waitFor(() => expect(readFileSync(`/proc/${writer()}/wchan`, "utf8")).toMatch(/pipe_write/), {
        timeout: 20_000,
        interval: 20,
      });
      writeFileSync(gateway, "go\n");
      expect(await exited).toBe(0);
      expect(Buffer.concat(parts).equals(straight)).toBe(true);
    });

    test("no room on the device is a failure", () => {
      for (const command of ["filter run -r FILE len>0", "decode -r FILE", "filter check tcp", "passport"]) {
        const args = command.split(" ").map((word) => (word === "FILE" ? sound : word));
        const run = spawnSync("sh", ["-c", `exec "$@" >/dev/full`, "sh", process.execPath, bin, ...args], { encoding: "utf8" });
        expect({ command, status: run.status, stderr: run.stderr }).toEqual({
          command,
          status: 1,
          stderr: "sonde-agent: standard output: ENOSPC: no space left on device, write\n",
        });
      }
    });

    test("a reader that has enough ends it", () => {
      const endless = spawnSync(
        "bash",
        [
          "-c",
          `{ cat "$2"; tail -c +25 "$2"; while tail -c +25 "$2"; do :; done 2>/dev/null; } | "$0" "$1" decode -r - | head -n 1; echo "\${PIPESTATUS[1]}"`,
          process.execPath,
          bin,
          sound,
        ],
        {
          encoding: "utf8",
        },
      );
      expect(endless.stdout).toMatch(/^1 frame\.length=.*\n1\n$/);
      expect(endless.stderr).toBe("");
    });
  });
});
