/** Byte offsets in struct sonde_scratch and the chain's slots (include/engine.h; test/abi.test.ts holds both together). */
export const scratchAt = {
  matched: 0,
  capLen: 8,
  wireLen: 12,
  packetType: 16,
  shift: 20,
  set: 24,
  shape: 28,
  ifaceSlot: 32,
  window: 40,
} as const;
/** struct sonde_iface: u64 of frames that no filter took. */
export const IFACE_UNMATCHED_AT = 488;
/** SONDE_NO_SLOT */
export const NO_SLOT = 0xffffffff;
export const WINDOW_BYTES = 128;
export const MAX_FILTERS = 64;
/** enum sonde_chain */
export const CHAIN_EMIT = 2;

/** Maps a match program names by index; native/filters.cc puts their file descriptors in. */
export const ProgramMap = { scratches: 0, chain: 1, ifaceSlots: 2 } as const;
