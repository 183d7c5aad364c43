import { BpfError } from "@sonde/bpf";
import { describe, expect, it } from "vitest";
import { type Selection, attachBest, hooksOf, unknownNames, waysFor } from "./plan.ts";

const all: Selection = { interfaces: [], xdp: [], xdpGeneric: [], hooks: hooksOf("auto") };
const modes = (selection: Partial<Selection>, name: string): string[] =>
  waysFor({ ...all, ...selection }, name).map(({ mode, egress }) => (mode === egress ? mode : `${mode}+${egress}`));

describe("the ways to attach", () => {
  it("are TCX, clsact, socket", () => expect(modes({}, "eth0")).toEqual(["tcx", "clsact", "socket"]));
  it("are the one that was asked for", () => expect(modes({ hooks: hooksOf("clsact") }, "eth0")).toEqual(["clsact"]));
  it("are none for what was not chosen", () => expect(modes({ interfaces: ["eth1"] }, "eth0")).toEqual([]));
  it("begin with XDP only where asked", () => {
    expect(modes({ xdp: ["eth0"], hooks: ["tcx"] }, "eth0")).toEqual(["xdp-native+tcx", "tcx"]);
    expect(modes({ xdpGeneric: ["eth0"], interfaces: ["eth1"] }, "eth0")[0]).toBe("xdp-generic+tcx");
    expect(modes({ xdpGeneric: ["eth0"] }, "eth1")).toEqual(["tcx", "clsact", "socket"]);
  });
  it("name interfaces that are to be there", () => {
    const lo = { ifindex: 1, name: "lo", kind: "loopback", mac: null, mtu: 65536, up: true } as const;
    expect(unknownNames({ ...all, interfaces: ["lo", "a"], xdp: ["a"], xdpGeneric: ["b"] }, [lo])).toEqual(["a", "b"]);
  });
});

describe("attachBest", () => {
  const engine = (refused: Record<string, BpfError>) => ({
    attach: (_ifindex: number, mode: string) => {
      const error = refused[mode];
      if (error !== undefined) throw error;
    },
  });
  const no = (mode: string, code: "UNSUPPORTED" | "NO_PRIVILEGE" = "UNSUPPORTED") => new BpfError(code, `no ${mode}.`);

  it("takes the first that works, and says why not a better one", () => {
    expect(attachBest(engine({}), 7, waysFor(all, "eth0"))).toEqual({ mode: "tcx" });
    expect(attachBest(engine({ tcx: no("tcx"), clsact: no("clsact") }), 7, waysFor(all, "eth0"))).toEqual({
      mode: "socket",
      reason: "no tcx. no clsact.",
    });
  });
  it("says every reason when none does", () => {
    const refused = { tcx: no("tcx"), clsact: no("clsact"), socket: no("socket") };
    expect(() => attachBest(engine(refused), 7, waysFor(all, "eth0"))).toThrow("no tcx. no clsact. no socket.");
  });
  it("does not go on without the right to attach", () => {
    expect(() => attachBest(engine({ tcx: no("right", "NO_PRIVILEGE") }), 7, waysFor(all, "eth0"))).toThrow("no right.");
  });
});
