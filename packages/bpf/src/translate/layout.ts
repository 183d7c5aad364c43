/** Byte offsets in struct sonde_scratch and the chain's slots (include/engine.h; test/abi.test.ts holds both together). */
export const scratchAt = {
  matched: 0,
  capLen: 8,
  wireLen: 12,
  packetType: 16,
  shift: 20,
  set: 24,
  shape: 28,
  window: 32,
} as const;
export const WINDOW_BYTES = 128;
export const MAX_FILTERS = 64;
/** enum sonde_chain */
export const CHAIN_EMIT = 2;

/** Maps a match program names by index; native/filters.cc puts their file descriptors in. */
export const ProgramMap = { scratches: 0, chain: 1 } as const;
