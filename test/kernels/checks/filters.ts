import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestRun, type TestHook, type TestResult, type TestRun } from "../../../packages/bpf/src/index.ts";
import { cases } from "../../../packages/bpf/test/support/cases.ts";
import { filter } from "../../../packages/bpf/test/support/compile.ts";
import { pcapFile } from "../../support/frames.ts";
import { type Check, type Outcome, failed, passed } from "../outcome.ts";

/** Of every kind: hosts, nets, ports, protocols, tags, bytes, arithmetic, lengths, and what joins them. */
const expressions = [
  "tcp port 443",
  "udp",
  "icmp or icmp6",
  "ether proto 0x0806",
  "ip6",
  "vlan",
  "vlan 100 and vlan 7",
  "host 192.0.2.1",
  "net 198.51.100.0/24 and not tcp",
  "ip6 host 2001:db8::2",
  "src portrange 5000-6000",
  "tcp[tcpflags] & tcp-syn != 0",
  "ip[6:2] & 0x1fff != 0",
  "ether[len - 1] = 1 or len > 100",
  "ip[0] & 15 > 5 and ip[ip[0] & 15] >= 0",
  "ether proto 0x88cc or ip proto 132",
] as const;

/** libpcap's language in the kernel by test runs: what tcpdump picks from a file is what the programs match. */
export const filters: Check = {
  name: "filters",
  *run() {
    const frames = cases.map((c) => c.frame);
    const wanted = expressions.map((expression) => pick(frames, expression));
    const run = openTestRun({ filters: expressions.map((expression) => filter(expression)) });
    try {
      for (const hook of ["tc", "xdp"] as const) yield compare(run, hook, frames, wanted);
    } finally {
      run.close();
    }
  },
};

function compare(run: TestRun, hook: TestHook, frames: readonly Buffer[], wanted: readonly ReadonlySet<number>[]): Outcome {
  const feature = `filters as tcpdump, ${hook}`;
  const results = run.run(
    frames.map((bytes) => ({ bytes, wireLen: bytes.length })),
    { hook, linkType: "ethernet" },
  );
  const wrong = expressions.flatMap((expression, bit) =>
    differing(results, bit, wanted[bit]).map((i) => `${expression}: ${cases[i]?.name}`),
  );
  const ran = results.filter((result) => result.ran).length;
  if (wrong.length > 0) return failed(feature, wrong.join("; "));
  return ran === 0 ? failed(feature, "the kernel ran none of the packets") : passed(feature, `${ran * expressions.length} agree`);
}

/** Packets on which the programs and tcpdump disagree, of those a test run takes. */
const differing = (results: readonly TestResult[], bit: number, wanted: ReadonlySet<number> | undefined): number[] =>
  results.flatMap((result, i) => (result.ran && (((result.matched >> BigInt(bit)) & 1n) === 1n) !== wanted?.has(i) ? [i] : []));

/** Which frames tcpdump picks: the file has frame i at microsecond i. It stays root: the guest knows no other user. */
function pick(frames: readonly Buffer[], expression: string): ReadonlySet<number> {
  const folder = mkdtempSync(join(tmpdir(), "sonde-filters-"));
  try {
    const file = join(folder, "cases.pcap");
    writeFileSync(file, pcapFile(frames));
    const picked = execFileSync("tcpdump", ["-Z", "root", "-r", file, "-w", "-", expression], { stdio: ["ignore", "pipe", "pipe"] });
    const found = new Set<number>();
    for (let at = 24; at < picked.length; at += 16 + picked.readUInt32LE(at + 8)) found.add(picked.readUInt32LE(at + 4));
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
