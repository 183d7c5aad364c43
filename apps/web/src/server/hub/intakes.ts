import { BATCH_HEADER_BYTES, headerAt, uuidFromBytes } from "@sonde/protocol";
import type { CaptureBit } from "../store/capture-take.ts";
import type { Committed } from "../store/streams.ts";
import { BatchIntake, type IntakeState, type Verdict } from "./batch-intake.ts";

/** Earlier streams that a connection may have open beside its own (SPEC 4.9). */
const MAX_RESUMED = 3;

/** The streams of one connection: the one of its hello, and a few earlier ones, each with numbers of its own. */
export class Intakes {
  private readonly live: { readonly key: string; readonly intake: BatchIntake };
  /** By stream, the one resumed first in front. */
  private readonly resumed = new Map<string, BatchIntake>();

  constructor(state: IntakeState, committed: Committed) {
    this.live = { key: keyOf(state.bootId, state.stream), intake: new BatchIntake(state, committed) };
  }

  isLive(bootId: string, stream: bigint): boolean {
    return this.live.key === keyOf(bootId, stream);
  }

  /** Opens an earlier stream; one too many closes the one resumed first, whose batches are refused from then on. */
  resume(state: IntakeState, committed: Committed): void {
    const key = keyOf(state.bootId, state.stream);
    if (key === this.live.key) return;
    this.resumed.delete(key);
    this.resumed.set(key, new BatchIntake(state, committed));
    const [first] = this.resumed.keys();
    if (this.resumed.size > MAX_RESUMED && first !== undefined) this.resumed.delete(first);
  }

  /** Judges a batch by its stream (`room`: whether it may be taken now); what names none that is open is the live one's to refuse. */
  take(view: DataView, room: boolean, captures: readonly CaptureBit[] = []): Verdict {
    if (this.resumed.size === 0 || view.byteLength < BATCH_HEADER_BYTES) return this.live.intake.take(view, room, captures);
    const key = keyOf(uuidFromBytes(view, headerAt.bootId), view.getBigUint64(headerAt.stream, true));
    return (this.resumed.get(key) ?? this.live.intake).take(view, room, captures);
  }
}

function keyOf(bootId: string, stream: bigint): string {
  return `${bootId}/${stream}`;
}
