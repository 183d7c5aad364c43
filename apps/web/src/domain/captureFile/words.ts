import type { FileCapture, FilePart } from "./about.ts";

/** Hosts that a file names where they are many. */
const MAX_NAMED = 50;

/** What a file says of itself. */
export function sectionComments(capture: FileCapture, hosts: readonly FilePart[]): string[] {
  const missing = hosts.filter((host) => host.lost > 0n);
  const sampled = Math.max(1, ...hosts.map((host) => host.sampleN));
  return [
    `Capture "${capture.name}", ${capture.id}`,
    `Filter: ${capture.expression === "" ? "none, every packet" : capture.expression}`,
    `Hosts: ${named(hosts.map((host) => host.name))}`,
    `From ${capture.createdAt.toISOString()} to ${capture.endedAt?.toISOString() ?? "now: it was still running when this file was begun"}`,
    ...(capture.reason === null ? [] : [`Reason for more than headers: ${capture.reason}`]),
    ...(sampled > 1 ? [`Sampled: at times only 1 packet in ${sampled} was taken`] : []),
    missing.length === 0
      ? "No packet that was taken is known to be missing"
      : `Packets that were taken and are missing: ${named(missing.map((host) => `${host.lost} of ${host.name}`))}`,
  ];
}

/** What holds of every packet of a host. */
export function hostComments(capture: FileCapture, host: FilePart): string[] {
  return [
    clockWords(host),
    ...(host.sampleN > 1 ? [`Sampled: at times only 1 packet in ${host.sampleN} was taken`] : []),
    ...(host.snaplen !== null && host.snaplen < capture.snaplen
      ? [`At most ${host.snaplen} bytes of a packet, of ${capture.snaplen} that were asked for: the host allows no more`]
      : []),
  ];
}

/** What became of a host's packets; counted per host, not per interface. */
export function lossComment(host: FilePart): string {
  const { name, matched, sampledOut, packets, lost } = host;
  return `${name}, all interfaces together: ${matched} matched, ${packets} in the capture, ${sampledOut} sampled out, ${lost} lost`;
}

function clockWords({ clockOffsetNs, clockErrorNs }: FilePart): string {
  if (clockOffsetNs === null || clockErrorNs === null) return "Times are the hub's";
  const off = milliseconds(clockOffsetNs < 0n ? -clockOffsetNs : clockOffsetNs);
  const where = clockOffsetNs < 0n ? "behind" : "ahead of";
  return `Times are the hub's; the host's own clock is ${where} the hub's by ${off} ms, give or take ${milliseconds(clockErrorNs)} ms`;
}

function milliseconds(ns: bigint): string {
  return (Number(ns) / 1e6).toFixed(Number(ns) < 1e8 ? 1 : 0);
}

function named(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return [...names.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(", ") || "none";
}
