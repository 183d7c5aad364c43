import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { createLab } from "../../support/netns.ts";
import { type Figure, quantile } from "../report.ts";

const ROUNDS = 7;
const SECONDS = 3;
const script = fileURLToPath(new URL("attached.ts", import.meta.url));
const said = z.object({ end: z.object({ sum_received: z.object({ bits_per_second: z.number() }) }) });
const states = ["detach", "attach filter", "attach everything"] as const;

/**
 * iperf3 (one TCP stream) from one namespace to another over a veth, bare and with the engine on the sender's end:
 * medians of interleaved runs.
 */
export async function measureThroughput(report: (figure: Figure) => void): Promise<void> {
  const lab = createLab(["client", "server"]);
  try {
    lab.link({ ns: "client", name: "client0", address: "192.0.2.1/24" }, { ns: "server", name: "server0", address: "192.0.2.2/24" });
    const gbits = await rounds(lab);
    const median = (state: (typeof states)[number]): number => quantile(gbits[state], 0.5);
    const peer = { unit: "Gbit/s", peer: "bare", peerValue: median("detach") };
    report({ name: "iperf3 over veth, one filter that takes nothing", value: median("attach filter"), ...peer, bar: { atLeast: 0.93 } });
    report({ name: "iperf3 over veth, every packet recorded", value: median("attach everything"), ...peer });
  } finally {
    lab.close();
  }
}

async function rounds(lab: ReturnType<typeof createLab>): Promise<Record<(typeof states)[number], number[]>> {
  const [server, ...serverArgs] = lab.inside("server", ["iperf3", "-s", "--forceflush"]);
  const [holder, ...holderArgs] = lab.inside("client", [process.execPath, "--import", "tsx", script, ifindexOf(lab)]);
  const listening = spawn(server ?? "", serverArgs, { stdio: ["ignore", "pipe", "ignore"] });
  const attached = spawn(holder ?? "", holderArgs, { stdio: ["pipe", "pipe", "inherit"] });
  const gbits: Record<(typeof states)[number], number[]> = { detach: [], "attach filter": [], "attach everything": [] };
  const heard = answersOf(listening.stdout);
  const answered = answersOf(attached.stdout);
  try {
    await heard("listening");
    for (let round = 0; round < ROUNDS; round++) {
      for (const state of states) {
        attached.stdin.write(`${state}\n`);
        await answered("done");
        gbits[state].push(iperf(lab));
      }
    }
    return gbits;
  } finally {
    attached.stdin.end();
    listening.kill();
    for (const child of [attached, listening]) if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  }
}

function ifindexOf(lab: ReturnType<typeof createLab>): string {
  const [link] = JSON.parse(lab.run("client", ["ip", "-j", "link", "show", "client0"])) as [{ ifindex: number }];
  return String(link.ifindex);
}

function iperf(lab: ReturnType<typeof createLab>): number {
  const output = lab.run("client", ["iperf3", "-c", "192.0.2.2", "-t", String(SECONDS), "-J"], { maxBuffer: 16 << 20 });
  return said.parse(JSON.parse(output)).end.sum_received.bits_per_second / 1e9;
}

/** Answers with a function that waits for a line that holds a word; it throws when the stream ends before. */
function answersOf(stream: NodeJS.ReadableStream): (word: string) => Promise<void> {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  return async (word) => {
    for (let line = await lines.next(); !(line.value ?? "").includes(word); line = await lines.next())
      if (line.done) throw new Error(`ended before it said ${word}`);
  };
}
