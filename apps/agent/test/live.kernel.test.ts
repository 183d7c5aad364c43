import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { createLab, type Lab } from "../../../test/support/netns.ts";

const bin = fileURLToPath(new URL("../bin/sonde-agent.mjs", import.meta.url));
const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.busybox);
let lab: Lab;

type Live = {
  readonly child: ChildProcess;
  readonly lines: () => string[];
  readonly said: () => string;
  readonly exited: Promise<number | null>;
};

async function live(...args: readonly string[]): Promise<Live> {
  const [file = "", ...rest] = lab.inside("host", [process.execPath, bin, "live", ...args]);
  const child = spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const text = { out: "", error: "" };
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text.out += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (text.error += part));
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  await vi.waitFor(() => expect(text.error).toContain("watching veth0 by tcx"), { timeout: 20_000, interval: 20 });
  return { child, lines: () => text.out.split("\n").filter(Boolean), said: () => text.error, exited };
}

const ping = (count: number): string => lab.run("host", ["busybox", "ping", "-c", String(count), "-W", "2", "198.19.1.2"]);

describe.skipIf(gate.skip)(gate.name("sonde-agent live"), () => {
  beforeAll(() => {
    lab = createLab(["host", "away"]);
    lab.link({ ns: "host", name: "veth0", address: "198.19.1.1/30" }, { ns: "away", name: "far0", address: "198.19.1.2/30" });
  });
  afterAll(() => lab.close());

  it("prints what matches, beside others that watch, and the counts at the end", async () => {
    const all = await live("-i", "veth0");
    const one = await live("-i", "veth0", "icmp[0]", "=", "8");
    ping(3);
    await vi.waitFor(() => expect(one.lines()).toHaveLength(3), { timeout: 20_000, interval: 20 });
    for (const each of [one, all]) each.child.kill("SIGINT");
    expect(await Promise.all([one.exited, all.exited])).toEqual([0, 0]);
    expect(one.lines()[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{6} veth0 Out IP 198\.19\.1\.1 > 198\.19\.1\.2: ICMP, type 8, code 0, frame length 98$/,
    );
    expect(one.said()).toContain("3 packets captured\n3 packets received by filter\n0 packets dropped by kernel\n");
    expect(all.lines().filter((line) => line.includes("ICMP, type"))).toHaveLength(6);
    expect(all.said()).toContain(`${all.lines().length} packets captured\n`);
  });

  it("prints what a tunnel carries, where tcpdump would", async () => {
    for (const [ns, own, other] of [
      ["host", 1, 2],
      ["away", 2, 1],
    ] as const) {
      const vxlan = ["type", "vxlan", "id", "42", "local", `198.19.1.${own}`, "remote", `198.19.1.${other}`, "dstport", "4789"];
      lab.run(ns, ["ip", "link", "add", "vxlan0", ...vxlan]);
      lab.run(ns, ["ip", "address", "add", `198.18.7.${own}/24`, "dev", "vxlan0"]);
      lab.run(ns, ["ip", "link", "set", "vxlan0", "up"]);
    }
    const tunnelled = await live("-i", "veth0", "udp", "port", "4789");
    lab.run("host", ["busybox", "ping", "-c", "1", "-W", "2", "198.18.7.2"]);
    const echoes = (): string[] => tunnelled.lines().filter((line) => line.includes("ICMP, type"));
    await vi.waitFor(() => expect(echoes()).toHaveLength(2), { timeout: 20_000, interval: 20 });
    tunnelled.child.kill("SIGINT");
    await tunnelled.exited;
    const [request = "", reply = ""] = echoes();
    expect(request).toMatch(
      /veth0 Out IP 198\.19\.1\.1\.\d+ > 198\.19\.1\.2\.4789: VXLAN, flags \[I\] \(0x08\), vni 42: IP 198\.18\.7\.1 > 198\.18\.7\.2: ICMP, type 8, code 0, frame length 148$/,
    );
    expect(reply).toMatch(/ In  IP .* vni 42: IP 198\.18\.7\.2 > 198\.18\.7\.1: ICMP, type 0, code 0, frame length 148$/);
  });

  it("ends by itself after so many packets", async () => {
    const two = await live("-c", "2", "icmp");
    ping(2);
    expect(await two.exited).toBe(0);
    expect(two.lines()).toHaveLength(2);
  });

  it.each([
    ["an expression that is none", ["tcp", "prot", "80"], 1, /\^/],
    ["an interface that is none", ["-i", "nope0"], 2, /no interface nope0/],
  ])("says what is wrong with %s", (_name, args, status, words) => {
    const result = spawnSync(process.execPath, [bin, "live", ...args], { encoding: "utf8" });
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(words);
  });
});
