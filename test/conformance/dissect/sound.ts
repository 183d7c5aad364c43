/** What holds of every dissection, whatever the bytes. */
import { MAX_NODES } from "../../../apps/web/src/domain/dissect/cursor.ts";
import { dissect } from "../../../apps/web/src/domain/dissect/index.ts";
import type { Node } from "../../../apps/web/src/domain/dissect/tree.ts";
import type { StreamFacts } from "../../../apps/web/src/domain/dissect/types.ts";
import type { Random } from "../../support/random.ts";

const facts: StreamFacts = { stream: 1, seq: 2, ack: 3, nextSeq: 4, window: 5, scale: -1, duplicateAck: 1, analysis: 0x7fff };

/** Complaints about how the bytes were taken apart; none where all is well. */
export function unsound(packet: { readonly bytes: Uint8Array; readonly wireLen: number; readonly linkType: number }): readonly string[] {
  const complaints: string[] = [];
  let nodes = 0;
  const check = ({ field, at, length, children }: Node): void => {
    nodes++;
    if (at < 0 || length < 0 || at + length > packet.bytes.length) complaints.push(`${field.name} at ${at} of ${length} bytes`);
    children.forEach(check);
  };
  try {
    dissect({ ...packet, facts }).layers.forEach(check);
  } catch (error) {
    complaints.push(`threw ${String(error)}`);
  }
  // layers are not counted by the cursors
  if (nodes > MAX_NODES + 24) complaints.push(`${nodes} nodes`);
  return complaints;
}

/** A copy with some bytes changed, mostly to what lengths and counts are interesting as, and perhaps cut. */
export function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy.length === 0) return copy;
  for (let changes = random.between(1, 6); changes > 0; changes--) {
    const at = random.below(random.once(3) ? copy.length : Math.min(copy.length, 80));
    copy[at] = random.once(2) ? random.pick([0, 1, 4, 0x45, 0x60, 0x7f, 0x80, 0xc0, 0xff]) : random.below(256);
  }
  return random.once(3) ? copy.subarray(0, random.below(copy.length + 1)) : copy;
}
