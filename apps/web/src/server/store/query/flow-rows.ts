import { Direction, FlowEnd, tunnelTypes, verdicts } from "@sonde/protocol";
import type { Flow } from "@sonde/protocol/rest";

/** What a page selects of a row `f`, and of its host and interface; times are microseconds since 1970. */
export const flowRowSql = `(extract(epoch FROM f.at) * 1000000)::bigint AS at_us, f.tid, f.first_ms, f.last_ms, h.id AS host_id, h.name AS host_name,
  i.name AS interface_name, f.direction::int AS direction, f.verdict::int AS verdict, f.protocol, host(f.source_address) AS source_address, f.source_port,
  host(f.destination_address) AS destination_address, f.destination_port, f.tcp_flags, f.vlan, f.vlan_inner, f.tunnel::int AS tunnel,
  (f.tunnel_id::bigint & 4294967295)::float8 AS tunnel_id, f.end_reason::int AS end_reason, f.frames, f.packets, f.bytes`;

export type FlowRow = {
  readonly at_us: string;
  readonly tid: string;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly host_id: string | null;
  readonly host_name: string | null;
  readonly interface_name: string | null;
  readonly direction: number;
  readonly verdict: number;
  readonly protocol: number;
  readonly source_address: string;
  readonly source_port: number;
  readonly destination_address: string;
  readonly destination_port: number;
  readonly tcp_flags: number;
  readonly vlan: number;
  readonly vlan_inner: number;
  readonly tunnel: number;
  readonly tunnel_id: number;
  readonly end_reason: number;
  readonly frames: number;
  readonly packets: number;
  readonly bytes: string;
};

/** By number, as flow.end_reason of the filter language names them (IPFIX's flowEndReason). */
const endReasons: ReadonlyMap<number, string> = new Map([
  [FlowEnd.idle, "idle"],
  [FlowEnd.active, "active"],
  [FlowEnd.detected, "end"],
  [FlowEnd.forced, "forced"],
  [FlowEnd.noResources, "resources"],
]);

/** A stored row as the API shows it. */
export function flowOf(row: FlowRow): Flow {
  const atUs = Number(row.at_us); // below 2^53 until the year 2255
  return {
    at: timeOf(atUs),
    first: timeOf(atUs - row.first_ms * 1000),
    last: timeOf(atUs - row.last_ms * 1000),
    hostId: row.host_id,
    host: row.host_name,
    interface: row.interface_name,
    direction: row.direction === Direction.ingress ? "in" : "out",
    verdict: verdicts[row.verdict] ?? String(row.verdict),
    protocol: row.protocol,
    sourceAddress: row.source_address,
    sourcePort: row.source_port,
    destinationAddress: row.destination_address,
    destinationPort: row.destination_port,
    tcpFlags: row.tcp_flags,
    vlan: row.vlan < 0 ? null : row.vlan,
    vlanInner: row.vlan_inner < 0 ? null : row.vlan_inner,
    tunnel: row.tunnel === 0 ? null : (tunnelTypes[row.tunnel] ?? String(row.tunnel)),
    tunnelId: row.tunnel === 0 ? null : row.tunnel_id,
    endReason: endReasons.get(row.end_reason) ?? String(row.end_reason),
    frames: String(row.frames),
    packets: String(row.packets),
    bytes: row.bytes,
  };
}

/** RFC 3339 with microseconds, UTC. */
export function timeOf(us: number): string {
  const seconds = Math.floor(us / 1_000_000);
  return new Date(seconds * 1000).toISOString().replace(".000Z", `.${String(us - seconds * 1_000_000).padStart(6, "0")}Z`);
}
