import { dissectPayload, faultsOf } from "../../apps/web/src/domain/dissect/apps/testing/payload.ts";
import type { Dissector } from "../../apps/web/src/domain/dissect/types.ts";
import { chooseSeed, seeded } from "./random.ts";

/** Dissects changed samples and plain noise, whole and cut; returns what was wrong. Prints its seed; SONDE_SEED sets it. */
export function fuzzDissector(dissector: Dissector, samples: readonly Uint8Array[], rounds = 1_500): readonly string[] {
  const seed = chooseSeed(process.env["SONDE_SEED"]);
  console.log(`${dissector.layer.name} fuzz: SONDE_SEED=${seed}`);
  const { below, bytes: noise, once, pick } = seeded(seed);
  const faults: string[] = [];
  for (let round = 0; round < rounds && faults.length < 5; round++) {
    const sample = once(10) ? noise(below(300)) : pick(samples);
    const bytes = Uint8Array.from(once(3) ? sample.subarray(0, below(sample.length + 1)) : sample);
    for (let changes = below(6); changes > 0 && bytes.length > 0; changes--) bytes[below(bytes.length)] = once(4) ? 0xff : below(256);
    const dissection = dissectPayload(dissector, bytes, bytes.length + (once(2) ? below(2000) : 0));
    for (const fault of faultsOf(dissection, dissector, bytes.length)) faults.push(`${fault}: ${Buffer.from(bytes).toString("hex")}`);
  }
  return faults;
}
