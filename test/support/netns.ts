import { execFileSync, type SpawnSyncOptions, spawnSync } from "node:child_process";

/** Network namespaces and veth pairs of one test, all named after its process, all removed by close(). */
export type Lab = {
  readonly namespace: (short: string) => string;
  /** argv prefix that runs a command inside a namespace. `ip netns exec` would hide bpffs and /sys. */
  readonly inside: (short: string, command: readonly string[]) => string[];
  readonly run: (short: string, command: readonly string[], options?: SpawnSyncOptions) => string;
  readonly link: (a: LinkEnd, b: LinkEnd) => void;
  readonly close: () => void;
};

export type LinkEnd = { readonly ns: string; readonly name: string; readonly address?: string };

/** Makes the namespaces with loopback up. Throws with the failing command's own words. */
export function createLab(shorts: readonly string[]): Lab {
  const tag = `sonde${process.pid.toString(36)}${Math.floor(performance.now()).toString(36)}`;
  const namespace = (short: string): string => `${tag}-${short}`;
  const inside = (short: string, command: readonly string[]): string[] => [
    "nsenter",
    `--net=/run/netns/${namespace(short)}`,
    "--",
    ...command,
  ];
  const run = (short: string, command: readonly string[], options: SpawnSyncOptions = {}): string =>
    runAll(inside(short, command), options);
  const close = (): void => {
    for (const short of shorts) spawnSync("ip", ["netns", "del", namespace(short)]);
  };
  try {
    for (const short of shorts) {
      execFileSync("ip", ["netns", "add", namespace(short)]);
      run(short, ["ip", "link", "set", "lo", "up"]);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { namespace, inside, run, close, link: (a, b) => linkUp(run, namespace, a, b) };
}

/** An end without an address carries only what a test injects: no IPv6, no ARP. */
function linkUp(run: Lab["run"], namespace: Lab["namespace"], a: LinkEnd, b: LinkEnd): void {
  run(a.ns, ["ip", "link", "add", a.name, "type", "veth", "peer", "name", b.name, "netns", namespace(b.ns)]);
  for (const end of [a, b]) {
    if (end.address === undefined) {
      run(end.ns, ["sh", "-c", `echo 1 > /proc/sys/net/ipv6/conf/${end.name}/disable_ipv6`]);
      run(end.ns, ["ip", "link", "set", end.name, "arp", "off"]);
    } else {
      run(end.ns, ["ip", "address", "add", end.address, "dev", end.name]);
    }
  }
  for (const end of [a, b]) run(end.ns, ["ip", "link", "set", end.name, "up"]);
}

function runAll(command: readonly string[], options: SpawnSyncOptions): string {
  const [file = "", ...args] = command;
  const result = spawnSync(file, args, { encoding: "utf8", ...options });
  if (result.status !== 0) throw new Error(`${command.join(" ")} failed: ${String(result.stderr || result.error)}`);
  return String(result.stdout);
}

export type LinkStats = { readonly rxPackets: number; readonly rxBytes: number; readonly txPackets: number; readonly txBytes: number };

/** What `ip -s link` says of a device. */
export function linkStats(lab: Lab, ns: string, device: string): LinkStats {
  const [row] = JSON.parse(lab.run(ns, ["ip", "-s", "-j", "link", "show", device])) as [
    { stats64: Record<"rx" | "tx", { packets: number; bytes: number }> },
  ];
  const { rx, tx } = row.stats64;
  return { rxPackets: rx.packets, rxBytes: rx.bytes, txPackets: tx.packets, txBytes: tx.bytes };
}
