import { type AgentInterface, agentMessageSchema } from "@sonde/protocol";
import { expect, test } from "vitest";
import { engineReport } from "./engine-report.ts";

const device = (name: string, hook: AgentInterface["hook"]): AgentInterface => ({
  ...{ ifindex: 1, kind: "ethernet", mac: null, mtu: 1500, up: true },
  name,
  hook,
});
const program = (name: string) => ({ name, type: "sched_cls", instructions: 9, memoryBytes: 4096, runs: null, runNs: null });

test("names for each program the interfaces and directions it is attached to", () => {
  const programs = ["sonde_tc_in", "sonde_tc_out", "sonde_xdp_in", "sonde_socket", "sonde_tc_emit"].map(program);
  const maps = [{ name: "ring", type: "ringbuf", maxEntries: 4096, entries: 8, memoryBytes: 9000 }];
  const interfaces = [device("eth0", "tcx"), device("eth1", "xdp-native"), device("tun0", "socket"), device("can0", "none")];
  const report = engineReport({ programs: [...programs, { ...program("counted"), runs: 5, runNs: 700 }], maps }, interfaces);
  expect(agentMessageSchema.parse(report)).toEqual(report);
  expect(report.programs.map(({ attached }) => attached)).toEqual([
    ["eth0 ingress"],
    ["eth0 egress", "eth1 egress"],
    ["eth1 ingress"],
    ["tun0 ingress", "tun0 egress"],
    [],
    [],
  ]);
  expect(report.programs.at(-1)).toMatchObject({ runs: "5", runNs: "700" });
});
