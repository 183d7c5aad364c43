import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pcap } from "../../../packages/bpf/test/support/frames.ts";
import { gated, needs } from "../../../test/support/needs.ts";

const script = fileURLToPath(new URL("../../../deploy/extcap/sonde", import.meta.url));
/** Stands for sonde: keeps its arguments, and writes a capture file where it is told to. */
const fake = `#!/bin/sh
printf '%s\\n' "$@" >"$HOME/args"
[ "$2" != -w ] || cp "$HOME/packets" "$3"
`;
/** UDP from 192.0.2.1 port 40000 to 198.51.100.2 port 443 (RFC 5737 addresses). */
const frame = Buffer.from(
  "0200000000020200000000010800450000200001000040118e95c0000201c63364029c4001bb000c000073616e640000000000000000",
  "hex",
);
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "sonde-extcap-"));
  const folder = join(home, ".config/wireshark/extcap");
  mkdirSync(folder, { recursive: true });
  copyFileSync(script, join(folder, "sonde"));
  writeFileSync(join(home, "command"), fake, { mode: 0o755 });
  writeFileSync(join(home, "packets"), pcap([frame]));
});
afterAll(() => rmSync(home, { recursive: true }));

const environment = () => ({ PATH: process.env["PATH"], HOME: home, SONDE_COMMAND: join(home, "command") });
const asked = (): string[] => readFileSync(join(home, "args"), "utf8").trimEnd().split("\n");
const extcap = (...args: string[]) => spawnSync(script, args, { encoding: "utf8", env: environment() });

describe("the extcap script", () => {
  test("names its interface, link type and options in extcap's sentences", () => {
    expect(extcap("--extcap-interfaces", "--extcap-version=4.0").stdout).toBe(
      "extcap {version=1.0}{display=Sonde}\ninterface {value=sonde}{display=Sonde: packets of several hosts}\n",
    );
    expect(extcap("--extcap-dlts", "--extcap-interface", "sonde").stdout).toMatch(/^dlt \{number=1\}\{name=EN10MB\}/);
    const lines = extcap("--extcap-config", "--extcap-interface", "sonde").stdout.trimEnd().split("\n");
    lines.forEach((line, i) =>
      expect(line).toMatch(new RegExp(`^arg \\{number=${i}\\}\\{call=--[a-z]+\\}\\{display=[^}]+\\}(\\{[a-z]+=[^}]*\\})+$`)),
    );
    expect(lines.length).toBeGreaterThan(5);
  });

  test("hands what was chosen to sonde, argument by argument", () => {
    const chosen = ["--hosts", "web-1,web-2", "--filter", "tcp or 'x $(id)", "--snaplen", "256", "--reason", "a bug", "--count=9"];
    const fifo = join(home, "out");
    expect(extcap("--capture", "--extcap-interface", "sonde", "--fifo", fifo, ...chosen).status).toBe(0);
    const flags = ["--hosts", "web-1,web-2", "--snaplen", "256", "--reason", "a bug", "--count", "9"];
    expect(asked()).toEqual(["capture", "-w", fifo, ...flags, "--", "tcp or 'x $(id)"]);
    extcap("--capture", "--fifo", fifo, "--all", "--label", "", "--filter", "", "--extcap-capture-filter", "udp");
    expect(asked()).toEqual(["capture", "-w", fifo, "--all", "--", "udp"]);
  });

  test("says what it is for to who runs it by hand", () => {
    expect(extcap()).toMatchObject({ status: 2, stderr: expect.stringContaining("Wireshark") });
    expect(extcap("--capture")).toMatchObject({ status: 2, stderr: expect.stringContaining("--fifo") });
  });
});

const gate = gated(needs.tshark);
describe.skipIf(gate.skip)(gate.name("the extcap script in Wireshark's folder"), () => {
  const tshark = (...args: string[]): string =>
    execFileSync("tshark", args, { encoding: "utf8", env: environment(), stdio: ["ignore", "pipe", "pipe"] });

  test("is found by tshark, which takes packets from it", () => {
    expect(tshark("-D")).toContain("sonde (Sonde: packets of several hosts)");
    const fields = ["-T", "fields", "-e", "ip.src", "-e", "udp.dstport"];
    expect(tshark("-i", "sonde", "-o", "extcap.sonde.hosts:web-1", "-o", "extcap.sonde.snaplen:64", ...fields)).toBe("192.0.2.1\t443\n");
    expect(asked().join(" ")).toMatch(/^capture -w \S+ --hosts web-1 --snaplen 64 /);
  });
});
