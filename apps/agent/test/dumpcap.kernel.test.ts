import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ether, ipv4, tcp, udp } from "../../../packages/bpf/test/support/frames.ts";
import { readAll } from "../../../packages/pcapfile/test/support/files.ts";
import { pcapFile } from "../../../test/support/frames.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { type Lab, createLab } from "../../../test/support/netns.ts";
import { agent, numbers, openFolder } from "./built.ts";

/* What dumpcap, the writer behind Wireshark, takes from two wires is read as what was sent. */

const gate = gated(needs.namespaces, needs.btf, needs.dumpcap, needs.tcpreplay);
const folder = openFolder();
let lab: Lab;

const frame = (i: number): Buffer =>
  ether(
    0x0800,
    ipv4(i % 3 === 0 ? { proto: 17, payload: udp({ sport: i, payload: Buffer.alloc(i, 7) }) } : { proto: 6, payload: tcp({ sport: i }) }),
  );
const sent = { wire0: Array.from({ length: 90 }, (_, i) => frame(i)), wire1: Array.from({ length: 60 }, (_, i) => frame(1000 + i)) };

describe.skipIf(gate.skip)(gate.name("files of dumpcap"), () => {
  beforeAll(() => {
    lab = createLab(["host", "away"]);
    for (const name of ["wire0", "wire1"]) lab.link({ ns: "host", name }, { ns: "away", name });
  });
  afterAll(() => {
    lab.close();
    folder.close();
  });

  test.each([
    ["pcapng of two interfaces", ["-i", "wire0", "-i", "wire1"], "ng"],
    ["pcap of one, cut to 48 bytes", ["-i", "wire0", "-P", "-s", "48"], ""],
  ])("%s", async (_name, flags, suffix) => {
    const wires = flags.includes("wire1") ? (["wire0", "wire1"] as const) : (["wire0"] as const);
    const path = folder.path(`dumpcap.pcap${suffix}`);
    const total = wires.reduce((sum, wire) => sum + sent[wire].length, 0);
    const [file = "", ...args] = lab.inside("host", ["dumpcap", ...flags, "-c", String(total), "-w", path]);
    const dumpcap = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    dumpcap.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const exited = new Promise((resolve) => dumpcap.on("exit", resolve));
    await vi.waitFor(() => expect(said).toContain("File: "), { timeout: 20_000, interval: 20 });
    for (const wire of wires)
      lab.run("away", ["tcpreplay", "-q", "-K", "--topspeed", "-i", wire, folder.write(`${wire}.pcap`, pcapFile(sent[wire]))]);
    expect({ status: await exited, said }).toMatchObject({ status: 0 });

    const found = readAll(readFileSync(path));
    expect(found.interfaces).toHaveLength(wires.length);
    const cut = flags.includes("-s") ? 48 : 65_535;
    for (const [id, wire] of wires.entries())
      expect(
        found.packets.filter(({ interfaceId }) => interfaceId === id).map(({ bytes, wireLen }) => [wireLen, Buffer.from(bytes)]),
      ).toEqual(sent[wire].map((bytes) => [bytes.length, bytes.subarray(0, cut)]));
    // Both interfaces' packets in the order of the file.
    const isUdp = found.packets.flatMap(({ bytes }, i) => (bytes[23] === 17 ? [i + 1] : []));
    for (const hook of ["xdp", "tc"]) {
      const ended = agent(["filter", "run", "-r", path, "--hook", hook, "udp"]);
      expect({ ...ended, stdout: numbers(ended) }).toEqual({ status: 0, stderr: "", stdout: isUdp });
    }
    const long = agent(["filter", "run", "-r", path, "len > 100"]);
    expect(numbers(long)).toEqual(found.packets.flatMap(({ wireLen }, i) => (wireLen > 100 ? [i + 1] : [])));
  });
});
