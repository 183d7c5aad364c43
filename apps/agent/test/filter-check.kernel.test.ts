import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pcap } from "../../../packages/pcapfile/test/support/files.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { seeded } from "../../../test/support/random.ts";
import { agent, bin, numbers, openFolder, processesOf, somePackets } from "./built.ts";

/* `sonde-agent filter check`; and wrong expressions there, at `filter run` and `live`: words, a place, an exit status, no harm. */

const gate = gated(needs.root, needs.btf);
const folder = openFolder();
const packets = somePackets(seeded(7), 50);
const compiler = fileURLToPath(new URL("../dist/pcap-compile", import.meta.url));
let sound: string;

const repeated = (count: number, text: (i: number) => string, between: string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(between);
/** libpcap's optimizer needs minutes for it. */
const catastrophic = repeated(390, (i) => `host 10.0.${i}.1`, " or ");
/** 4,209 instructions, of which the optimizer makes little. */
const wordy = `${"tcp[".repeat(1050)}0${"]".repeat(1050)} = 1`;

type Wrong = readonly [name: string, expression: string, words: string, place: readonly [position: number, length: number]];
const wrong: readonly Wrong[] = [
  ["open bracket", "tcp and (udp or", "the expression ends too early", [15, 0]],
  ["closing bracket", "tcp )", 'not understood from ")" on', [4, 1]],
  ["open square bracket", "tcp[0", "the expression ends too early", [5, 0]],
  ["unknown word", "tcp prot 80", 'not understood from "prot 80" on', [4, 4]],
  ["host name", "host www.example.com", "'www.example.com' is a name; give an address, names are not resolved", [5, 15]],
  ["network name", "net loopback-net", "'loopback-net' is a name; give an address, names are not resolved", [4, 12]],
  ["Ethernet host name", "ether host printer", "'printer' is a name; give an address, names are not resolved", [11, 7]],
  ["control character", "tcp \u0001 udp", 'not understood from "\u0001 udp" on', [4, 1]],
  ["escape sequence", "tcp \u001b[2J", 'not understood from "\u001b[2J" on', [4, 1]],
  ["port out of range", "port 65536", "illegal port number 65536 > 65535", [5, 5]],
  ["impossible", "tcp and udp", "expression rejects all packets", [8, 3]],
  ["one byte too long", "x".repeat(8193), "longer than 8192 bytes", [0, 8193]],
  ["8 kB of characters that are more bytes", "ü".repeat(4097), "longer than 8192 bytes", [0, 4097]],
];

describe.skipIf(gate.skip)(gate.name("sonde-agent filter check"), () => {
  beforeAll(() => {
    sound = folder.write("sound.pcap", pcap(packets));
  });
  afterAll(() => folder.close());

  describe("expressions", () => {
    test.each(wrong)("%s: the words and the place", (_name, expression, message, [position, length]) => {
      const checked = agent(["filter", "check", "--json", expression]);
      expect({ ...checked, stdout: JSON.parse(checked.stdout.toString()) as unknown }).toEqual({
        status: 1,
        stderr: "",
        stdout: { expression, ok: false, error: { message, position, length } },
      });
    });

    test("the place is marked, and nothing of the expression reaches the terminal but its characters", () => {
      const { status, stdout, stderr } = agent(["filter", "check", "tcp \u001b[2J prot 80"]);
      expect({ status, stdout: stdout.length }).toEqual({ status: 1, stdout: 0 });
      expect(stderr).toBe('tcp  [2J prot 80\n    ^\nnot understood from " [2J prot 80" on\n');
    });

    test.each(["filter run", "live"])("%s refuses it before it opens anything", (command) => {
      const args =
        command === "live"
          ? ["live", "tcp prot 80"]
          : ["filter", "run", "-r", folder.path("none"), "-w", folder.path("out.pcap"), "tcp prot 80"];
      const { status, stdout, stderr } = agent(args);
      expect({ status, stdout: stdout.length, stderr }).toEqual({
        status: 1,
        stdout: 0,
        stderr: 'tcp prot 80\n    ^^^^\nnot understood from "prot 80" on\n',
      });
      expect(readdirSync(folder.path("."))).not.toContain("out.pcap");
    });

    test("bytes that are no UTF-8", () => {
      const run = spawnSync("sh", ["-c", `exec "$0" "$1" filter check --json "$(printf 'tcp \\377\\376')"`, process.execPath, bin], {
        encoding: "utf8",
      });
      expect(run.status).toBe(1);
      expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, error: { message: 'not understood from "\ufffd\ufffd" on', position: 4 } });
    });

    test("what looks like an option is none behind --", () => {
      expect(agent(["filter", "check", "-x"])).toMatchObject({ status: 2, stderr: expect.stringContaining("unknown option '-x'") });
      expect(agent(["filter", "check", "--", "-x"])).toMatchObject({ status: 1, stderr: '-x\n ^\nnot understood from "x" on\n' });
      expect(agent(["filter", "run", "-r", sound, "--", "0 < 1"]).status).toBe(0);
      expect(agent(["filter", "check"])).toMatchObject({ status: 2, stderr: expect.stringContaining("missing required argument") });
    });

    test.each([
      ["an empty one takes everything", ""],
      ["white space, tabs and line breaks", " \t\n "],
      ["thousands of brackets", `${"(".repeat(4000)}ether[0] >= 0${")".repeat(4000)}`],
      ["thousands of negations", `${"not ".repeat(2000)}ether[0] >= 0`],
    ])("%s", (_name, expression) => {
      const ended = agent(["filter", "run", "-r", sound, expression]);
      expect({ ...ended, stdout: numbers(ended) }).toEqual({ status: 0, stderr: "", stdout: packets.map((_, i) => i + 1) });
    });

    test("more instructions than a program may have", () => {
      const checked = agent(["filter", "check", "--json", wordy]);
      expect(JSON.parse(checked.stdout.toString())).toMatchObject({
        ok: false,
        error: { message: expect.stringMatching(/^\d+ instructions, at most 4096 are accepted$/) },
      });
      expect(checked.status).toBe(1);
    });

    test("one that would keep libpcap busy for minutes is ended, and leaves no process", () => {
      const checked = agent(["filter", "check", "--json", catastrophic]);
      expect(JSON.parse(checked.stdout.toString())).toMatchObject({ ok: false, error: { message: "takes more than 1 s to compile" } });
      expect(checked.status).toBe(1);
      expect(processesOf(compiler)).toEqual([]);
    });
  });

  test("a sound one: instructions as libpcap made them and as the kernel runs them, and what a packet costs", () => {
    const { status, stdout, stderr } = agent(["filter", "check", "--json", "tcp port 443"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const found = JSON.parse(stdout.toString()) as {
      kernel: { contexts: { context: string; instructions: number }[]; nsPerPacket: number; nsPerPacketWithout: number };
    };
    expect(found).toMatchObject({ expression: "tcp port 443", ok: true, ethernet: { instructions: 20 }, raw: { instructions: 23 } });
    const { contexts, nsPerPacket, nsPerPacketWithout } = found.kernel;
    expect(contexts.map(({ context }) => context)).toEqual(["tc-ethernet", "tc-raw", "xdp-ethernet", "xdp-raw"]);
    expect(Math.min(nsPerPacket, nsPerPacketWithout, ...contexts.map(({ instructions }) => instructions))).toBeGreaterThan(0);
    const text = agent(["filter", "check", "tcp port 443"]).stdout.toString();
    for (const { context, instructions } of contexts) expect(text).toContain(`in the kernel, ${context}: ${instructions} instructions\n`);
    expect(text).toMatch(
      /^with Ethernet header: +20 instructions\nwithout a link header: +23 instructions\n(.*\n){4}a packet at TC: \d+ ns, \d+ ns with a filter that takes nothing\n$/,
    );
  });

  test("without privilege: instruction counts, and words for what needs more", () => {
    const powerless = (...args: string[]) => {
      const command = ["--bounding-set=-all", "--inh-caps=-all", process.execPath, bin, ...args];
      const { status, stdout, stderr } = spawnSync("setpriv", command, { encoding: "utf8" });
      return { status, stdout, stderr };
    };
    const checked = powerless("filter", "check", "--json", "tcp port 443");
    expect({ ...checked, stdout: JSON.parse(checked.stdout) as unknown }).toEqual({
      status: 0,
      stderr: "",
      stdout: {
        expression: "tcp port 443",
        ok: true,
        ethernet: { instructions: 20 },
        raw: { instructions: 23 },
        untried: expect.stringContaining("Run as root or with CAP_BPF") as unknown,
      },
    });
    for (const args of [["filter", "run", "-r", sound, "udp"], ["decode", "-r", sound], ["live"]])
      expect(powerless(...args)).toEqual({
        status: 1,
        stdout: "",
        stderr: expect.stringMatching(/^sonde-agent: .*Run as root or with CAP_BPF.*\n$/) as unknown,
      });
  });
});
