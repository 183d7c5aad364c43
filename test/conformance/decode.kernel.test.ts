import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { DecodedPacket } from "../../apps/agent/src/capture/decoded.ts";
import { gated, needs } from "../support/needs.ts";
import { seeded } from "../support/random.ts";
import { openDissector } from "../support/tshark.ts";
import { openCorpus } from "./corpus.ts";
import { compareParse } from "./parser.ts";

const bin = fileURLToPath(new URL("../../apps/agent/bin/sonde-agent.mjs", import.meta.url));
const gate = gated(needs.root, needs.btf, needs.debianSources, needs.tshark);

function decode(path: string, ...options: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "decode", "-r", path, ...options], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").filter((line) => line !== "");
}

test.skipIf(gate.skip)(gate.name("sonde-agent decode shows what tshark does, of tunnels too"), () => {
  const corpus = openCorpus(seeded(1), 1);
  const dissector = openDissector();
  try {
    const chosen = corpus.captures.filter(({ name }) => /^(generated-0|vxlan\.pcap|geneve\.pcap)$/.test(name));
    expect(chosen).toHaveLength(3);
    for (const { name, path, packets } of chosen) {
      const theirs = dissector.dissect(path);
      const ours = decode(path, "--json").map((line) => JSON.parse(line) as DecodedPacket);
      expect(ours.map(({ packet }) => packet)).toEqual(packets.map((_, i) => i + 1));
      const differences = ours.flatMap((packet, i) =>
        compareParse(packet, theirs[i] ?? [], true).map((text) => `${name} packet ${i + 1}: ${text}`),
      );
      expect(differences).toEqual([]);
      expect(ours.filter(({ tunnel }) => tunnel).length).toBeGreaterThan(9);
    }
    const path = chosen.find(({ name }) => name === "geneve.pcap")?.path ?? "";
    expect(decode(path)[2]).toBe(
      "3 frame.length=124 frame.captured=124 network.type=ipv4 source.address=20.0.0.2 destination.address=20.0.0.1 " +
        "ip.fragment=false network.transport=udp source.port=43443 destination.port=6081 tunnel.type=geneve tunnel.id=11 " +
        "tunnel.network.type=ipv4 tunnel.source.address=30.0.0.2 tunnel.destination.address=30.0.0.1 tunnel.ip.fragment=false " +
        "tunnel.network.transport=tcp tunnel.source.port=51225 tunnel.destination.port=22 tunnel.tcp.flags=2 " +
        "tunnel.tcp.seq=397610159 tunnel.tcp.ack=0 tunnel.tcp.window=14600 tunnel.tcp.options.mss=1460 " +
        "tunnel.tcp.options.window_scale=7 tunnel.tcp.options.sack_permitted=true " +
        "tunnel.tcp.options.timestamp.value=2876069566 tunnel.tcp.options.timestamp.echo=0",
    );
  } finally {
    dissector.close();
    corpus.close();
  }
});
