import {
  Direction,
  type ParseError,
  RECORD_HEADER_BYTES,
  RecordFlag,
  TUNNEL_BYTES,
  parseErrors,
  recordAt,
  tunnelAt,
  tunnelTypes,
} from "@sonde/protocol";
import { carriedHeaders, headersOf } from "../capture/headers.ts";
import { type Frame, packetWords } from "./packet-words.ts";
import { tunnelWords } from "./tunnel-words.ts";

export type LineOptions = {
  readonly interfaceName: (ifindex: number) => string;
  /** CLOCK_BOOTTIME ns to milliseconds since the epoch, and the microseconds beyond them. */
  readonly wallOf: (bootNs: bigint) => { readonly ms: number; readonly micros: number };
};

/** One record (abi.h struct sonde_record, its bytes and its trailer, exactly the view) as a line in tcpdump's manner. */
export function liveLine(record: DataView, { interfaceName, wallOf }: LineOptions): string {
  const direction = record.getUint8(recordAt.direction) === Direction.egress ? "Out" : "In ";
  const name = interfaceName(record.getUint32(recordAt.ifindex, true));
  const code = record.getUint8(recordAt.parseErr);
  const error = parseErrors[code];
  const malformed = code === 0 ? "" : ` [malformed: ${(error ?? String(code)).replaceAll("_", " ")}]`;
  return `${clockText(wallOf(record.getBigUint64(recordAt.tsNs, true)))} ${name} ${direction} ${words(record, error)}${malformed}`;
}

function clockText({ ms, micros }: { ms: number; micros: number }): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const fraction = String(at.getMilliseconds() * 1000 + micros).padStart(6, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${fraction}`;
}

function words(record: DataView, error: ParseError | undefined): string {
  const headers = headersOf(record);
  const frame = frameOf(record);
  if ((record.getUint8(recordAt.flags) & RecordFlag.tunnel) === 0) return packetWords(headers, frame);
  const tunnel = new DataView(record.buffer, record.byteOffset + record.byteLength - TUNNEL_BYTES, TUNNEL_BYTES);
  const { bytes } = frame;
  const type = tunnelTypes[tunnel.getUint8(tunnelAt.type)] ?? "none";
  const own = tunnelWords({ type, id: tunnel.getUint32(tunnelAt.id, true) }, headers, bytes);
  return packetWords(headers, frame, own + packetWords(carriedHeaders(tunnel, { bytes, error }), frame));
}

function frameOf(record: DataView): Frame {
  const length = record.getUint32(recordAt.wireLen, true);
  const aside = (record.getUint8(recordAt.flags) & RecordFlag.vlanMeta) === 0 ? 0 : 4;
  const bytes = new DataView(record.buffer, record.byteOffset + RECORD_HEADER_BYTES, record.getUint16(recordAt.capLen, true));
  return { bytes, length, end: length - aside };
}
