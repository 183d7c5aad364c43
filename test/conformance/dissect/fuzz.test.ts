import { expect, test } from "vitest";
import { linkTypes } from "../../../apps/web/src/domain/dissect/index.ts";
import { generatePackets } from "../../support/generate.ts";
import { chooseSeed, seeded } from "../../support/random.ts";
import { mutate, unsound } from "./sound.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);
const UNKNOWN_LINK = 147;

test(`whatever the bytes, nothing is thrown and no range lies outside (SONDE_SEED=${seed})`, () => {
  const random = seeded(seed);
  const packets = generatePackets(random, 300);
  const links = [...linkTypes.keys(), UNKNOWN_LINK];
  for (let i = 0; i < 6_000; i++) {
    const linkType = random.pick(links);
    const packet = random.pick(packets);
    // a frame's Ethernet header is random bytes to other link types: they get what is behind it
    const real = linkType === 1 ? packet.bytes : packet.bytes.subarray(random.pick([0, 14]));
    const bytes = random.once(4) ? random.bytes(random.below(200)) : mutate(random, real);
    const wireLen = random.pick([bytes.length, packet.wireLen, bytes.length + random.below(2000), 262_144]);
    const complaints = unsound({ bytes, wireLen, linkType });
    if (complaints.length > 0) expect({ complaints, linkType, wireLen, bytes: Buffer.from(bytes).toString("hex") }).toBe("sound");
  }
});
