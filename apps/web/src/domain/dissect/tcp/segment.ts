/** TCP flags as they stand in the header. */
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

/** Of a window whose scale was not seen, and of one that neither side scales; as tcp.window_size_scalefactor. */
export const UNKNOWN_SCALE = -1;
export const NO_SCALE = -2;

export const UNKNOWN_LENGTH = -1;

/** What the analysis needs of a segment. */
export type Segment = {
  /** Number of its two endpoints, the same whichever of them speaks; they count from 0. */
  pair: number;
  /** From that end of the two to the other which is always the same one. */
  forward: boolean;
  /** As on the wire, unsigned. */
  seq: number;
  ack: number;
  flags: number;
  window: number;
  /** Bytes of payload on the wire; UNKNOWN_LENGTH of a fragment, whose numbers stay as they are. */
  length: number;
  /** Since any moment, the same for all. */
  seconds: number;
  /** Of the window scale option; UNKNOWN_SCALE where there is none. */
  scale: number;
};
