import type { Engine } from "@sonde/bpf";
import type { AgentInterface, EngineReport } from "@sonde/protocol";

type Described = NonNullable<ReturnType<Engine["describe"]>>;
type Direction = "ingress" | "egress";

/** Which program each hook has in either direction; XDP sees what comes in alone (packages/bpf/native/attachment.cc). */
const programOf: Readonly<Record<AgentInterface["hook"], Readonly<Record<Direction, string>> | null>> = {
  tcx: { ingress: "sonde_tc_in", egress: "sonde_tc_out" },
  clsact: { ingress: "sonde_tc_in", egress: "sonde_tc_out" },
  "xdp-native": { ingress: "sonde_xdp_in", egress: "sonde_tc_out" },
  "xdp-generic": { ingress: "sonde_xdp_in", egress: "sonde_tc_out" },
  socket: { ingress: "sonde_socket", egress: "sonde_socket" },
  none: null,
};

/** What is loaded in the kernel, and where it is attached, for the hub (SPEC 10.5). */
export function engineReport({ programs, maps }: Described, interfaces: readonly AgentInterface[]): EngineReport {
  const attached = new Map<string, string[]>();
  for (const { name, hook } of interfaces) {
    const at = programOf[hook];
    if (at === null) continue;
    for (const direction of ["ingress", "egress"] as const)
      attached.set(at[direction], [...(attached.get(at[direction]) ?? []), `${name} ${direction}`]);
  }
  return {
    type: "engine",
    programs: programs.slice(0, 256).map((program) => ({
      ...program,
      name: program.name.slice(0, 64),
      runs: program.runs === null ? null : String(program.runs),
      runNs: program.runNs === null ? null : String(program.runNs),
      attached: (attached.get(program.name) ?? []).slice(0, 1024),
    })),
    maps: maps.slice(0, 256).map((map) => ({ ...map, name: map.name.slice(0, 64) })),
  };
}
