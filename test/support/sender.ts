import { stampBatch, viewOf } from "@sonde/protocol";
import { recordBatch } from "../../apps/web/src/domain/testRecords.ts";
import type { PlayedAgent } from "./hub-alone.ts";
import { simInterface } from "./sim-agent.ts";

/** Sends frames as one batch of records, written now, as often as it is called. */
export function sender(agent: PlayedAgent, frames: readonly Buffer[]): () => Promise<void> {
  const began = performance.now();
  let sequence = 0n;
  return async () => {
    const now = agent.bootNs + BigInt(Math.round((performance.now() - began) * 1e6));
    const batch = recordBatch(
      frames.map((frame, i) => ({
        bytes: frame.toString("hex"),
        tsNs: now + BigInt(i * 1000),
        ifindex: simInterface.ifindex,
        u8: { direction: 1 },
      })),
    );
    const { hostId, bootId, stream } = agent;
    stampBatch(viewOf(batch), { hostId, bootId, stream, sequence: ++sequence, sampleN: 1, snaplen: 4096, ringLost: 0n, queueLost: 0n });
    await agent.send(batch);
  };
}
