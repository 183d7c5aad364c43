import type { CaptureDetail, CaptureHost } from "@sonde/protocol/rest";
import { formatSize } from "../output/sizes.ts";

const plural = (count: bigint | number, word: string): string => `${count} ${word}${BigInt(count) === 1n ? "" : "s"}`;

/** A host's part in one line, without its name. */
export function hostWords(host: CaptureHost): string {
  const because = host.reason === null ? "" : ` (${host.reason})`;
  switch (host.state) {
    case "pending":
      return "has not answered yet";
    case "offline":
      return `not connected${because}`;
    case "refused":
      return `refused${because}`;
    case "running":
      return `captures up to ${host.snaplen ?? "?"} bytes of a packet`;
    case "draining":
    case "ended":
      return `${host.state === "ended" ? "ended" : "ended, the rest is arriving"}${because}: ${taken(host)}`;
  }
}

function taken({ packets, bytes, lost, sampleN, snaplen }: CaptureHost): string {
  const missing = BigInt(lost) > 0n ? `, ${lost} LOST` : "";
  const sampled = sampleN > 1 ? `, at times only 1 in ${sampleN} packets` : "";
  return `${plural(BigInt(packets), "packet")}, ${formatSize(Number(bytes))} of up to ${snaplen ?? "?"} bytes each${missing}${sampled}`;
}

/** All hosts in one line, for a terminal. */
export function progressWords({ packets, bytes, lost, hosts }: CaptureDetail): string {
  const running = hosts.filter(({ state }) => state === "running").length;
  const missing = BigInt(lost) > 0n ? `, ${lost} lost` : "";
  return `${plural(BigInt(packets), "packet")}, ${formatSize(Number(bytes))}${missing}; ${running} of ${plural(hosts.length, "host")} capturing`;
}

/** What is in the file, and what is not, one line each. */
export function summaryLines(capture: CaptureDetail, file: string): string[] {
  const { packets, bytes, hosts, endReason } = capture;
  const lines = [
    `${file}: ${plural(BigInt(packets), "packet")}, ${formatSize(Number(bytes))} captured${endReason === null ? "" : `; ended by ${endReason}`}`,
  ];
  const whole = hosts.every((host) => host.state === "ended" && BigInt(host.lost) === 0n && host.sampleN === 1);
  const short = hosts.filter(({ snaplen }) => snaplen !== null && snaplen < capture.snaplen);
  if (short.length > 0)
    lines.push(
      `${plural(short.length, "host")} let out less of a packet than the ${capture.snaplen} bytes asked for, by their own limits: ${short.map(({ name, snaplen }) => `${name} ${snaplen}`).join(", ")}`,
    );
  if (whole) return [...lines, "nothing is missing"];
  return [...lines, "what is missing, by host:", ...hosts.filter(incomplete).map((host) => `  ${host.name}: ${hostWords(host)}`)];
}

const incomplete = (host: CaptureHost): boolean => host.state !== "ended" || BigInt(host.lost) > 0n || host.sampleN > 1;
