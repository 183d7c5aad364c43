import { openTestRun, packPackets } from "../../packages/bpf/src/index.ts";
import type { Captured } from "../support/captures.ts";
import type { Hook, Matcher, Verdicts } from "./judge.ts";

/** `ret #0`: for the link type that is not asked, so that the kernel has little to verify. */
const nothing = [{ code: 0x06, jt: 0, jf: 0, k: 0 }];

/** Of damaged files; no hook sees such a packet. */
const isImpossible = (packet: Captured | undefined): boolean => packet !== undefined && packet.wireLen < packet.bytes.length;

/** Answers by the programs in the kernel, in an instance of their own. */
export function openMatcher(): { readonly matcher: Matcher; close(): void } {
  const run = openTestRun();
  const matcher: Matcher = (programs, packets, ethernet) => {
    run.setFilters(
      programs.map((program) => ({ ethernet: ethernet ? program : nothing, raw: ethernet ? nothing : program, sampleN: 1, snaplen: 0 })),
    );
    const packed = packPackets(packets);
    const on = (hook: Hook): Verdicts =>
      run
        .run(packed, { hook, linkType: ethernet ? "ethernet" : "raw" })
        .map((result, i) => (isImpossible(packets[i]) ? "shorter on the wire than captured" : result.ran ? result.matched : result.reason));
    return { xdp: on("xdp"), tc: on("tc") };
  };
  return { matcher, close: () => run.close() };
}
