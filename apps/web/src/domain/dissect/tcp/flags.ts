import { protocol, type FieldDef } from "../fields.ts";

/** Bits of StreamFacts.analysis. */
export const Analysis = {
  retransmission: 1,
  fastRetransmission: 1 << 1,
  spuriousRetransmission: 1 << 2,
  outOfOrder: 1 << 3,
  lostSegment: 1 << 4,
  ackLostSegment: 1 << 5,
  duplicateAck: 1 << 6,
  zeroWindow: 1 << 7,
  zeroWindowProbe: 1 << 8,
  zeroWindowProbeAck: 1 << 9,
  windowUpdate: 1 << 10,
  windowFull: 1 << 11,
  keepAlive: 1 << 12,
  keepAliveAck: 1 << 13,
  reusedPorts: 1 << 14,
} as const;

/** Each bit as a field, with what the list says of it. */
export const analysisFields: readonly { readonly bit: number; readonly field: FieldDef; readonly words: string }[] = [
  [Analysis.retransmission, "retransmission", "Retransmission"],
  [Analysis.fastRetransmission, "fast_retransmission", "Fast retransmission"],
  [Analysis.spuriousRetransmission, "spurious_retransmission", "Spurious retransmission"],
  [Analysis.outOfOrder, "out_of_order", "Out of order"],
  [Analysis.lostSegment, "lost_segment", "Previous segment not captured"],
  [Analysis.ackLostSegment, "ack_lost_segment", "ACKed segment not captured"],
  [Analysis.duplicateAck, "duplicate_ack", "Duplicate ACK"],
  [Analysis.zeroWindow, "zero_window", "Zero window"],
  [Analysis.zeroWindowProbe, "zero_window_probe", "Zero window probe"],
  [Analysis.zeroWindowProbeAck, "zero_window_probe_ack", "Zero window probe ACK"],
  [Analysis.windowUpdate, "window_update", "Window update"],
  [Analysis.windowFull, "window_full", "Window full"],
  [Analysis.keepAlive, "keep_alive", "Keep-alive"],
  [Analysis.keepAliveAck, "keep_alive_ack", "Keep-alive ACK"],
  [Analysis.reusedPorts, "reused_ports", "Port numbers reused"],
].map(([bit, name, words]) => ({ bit: Number(bit), field: protocol(`tcp.analysis.${name}`, String(words)), words: String(words) }));
