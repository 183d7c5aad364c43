import { BpfError, type Endpoint, type EngineOptions, type ReaderOptions } from "./types.ts";

const MAX_SNAPLEN = 4096;
const MAX_BATCH_BYTES = 256 * 1024;
/** A batch must hold its header and one record of any size (112 + 96 + 4096 + 48). */
const MIN_BATCH_BYTES = 4352;
const MAX_FLOW_ENTRIES = 1 << 22;
const MAX_RING_BYTES = 1 << 30;
const PAGE_BYTES = 4096;
const ENDPOINT_BYTES = 24;

export type Sampling = { readonly sampleN: number; readonly snaplen: number };

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new BpfError("INVALID", `${name} must be a whole number from ${min} to ${max}, not ${value}.`);
}

/** Throws BpfError INVALID unless N is 1 to 2^32-1 and snaplen 0 to 4096. */
export function checkSampling(sampling: Sampling): Sampling {
  return {
    sampleN: integer("sampleN", sampling.sampleN, 1, 0xffffffff),
    snaplen: integer("snaplen", sampling.snaplen, 0, MAX_SNAPLEN),
  };
}

/** Engine options with their defaults; throws BpfError INVALID. */
export function checkEngineOptions(options: EngineOptions): { ringBytes: number; flowEntries: number; sampling: Sampling } {
  const ringBytes = integer("ringBytes", options.ringBytes ?? 8 << 20, PAGE_BYTES, MAX_RING_BYTES);
  if ((ringBytes & (ringBytes - 1)) !== 0) {
    throw new BpfError("INVALID", `ringBytes must be a power of two, not ${ringBytes}.`);
  }
  const sampling = checkSampling({ sampleN: options.sampleN ?? 1, snaplen: options.snaplen ?? 128 });
  const flowEntries = integer("flowEntries", options.flowEntries ?? 32_768, 1, MAX_FLOW_ENTRIES);
  return { ringBytes, flowEntries, sampling };
}

/** Reader options with their defaults; throws BpfError INVALID. */
export function checkReaderOptions(options: ReaderOptions): Required<ReaderOptions> {
  return {
    batchBytes: integer("batchBytes", options.batchBytes ?? MAX_BATCH_BYTES, MIN_BATCH_BYTES, MAX_BATCH_BYTES),
    flushMs: integer("flushMs", options.flushMs ?? 20, 0, 60_000),
    maxPending: integer("maxPending", options.maxPending ?? 64, 1, 65_536),
  };
}

/** Packs endpoints as struct sonde_endpoint (include/engine.h): 16 bytes address, u16 port be, u16 family. */
export function packEndpoints(endpoints: readonly Endpoint[]): Uint8Array {
  integer("the number of own endpoints", endpoints.length, 0, 256);
  const packed = new Uint8Array(endpoints.length * ENDPOINT_BYTES);
  const view = new DataView(packed.buffer);
  endpoints.forEach((endpoint, index) => {
    const at = index * ENDPOINT_BYTES;
    if (endpoint.address.length !== 16) {
      throw new BpfError("INVALID", `An endpoint's address has 16 bytes, not ${endpoint.address.length}.`);
    }
    packed.set(endpoint.address, at);
    view.setUint16(at + 16, integer("port", endpoint.port, 0, 0xffff), false);
    view.setUint16(at + 18, endpoint.family, true);
  });
  return packed;
}
