import { Status, statusNames } from "../checksum.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, protocol, textField, uint } from "../fields.ts";
import { rest } from "../next.ts";
import { Analysis, analysisFields } from "../tcp/flags.ts";
import type { Context, Dissector, StreamFacts } from "../types.ts";
import { readTcpOptions, tcpOptionFields } from "./tcpOptions.ts";

const layer = protocol("tcp", "TCP");
const flagFields = [
  ["ae", "Accurate ECN", 0x100, ""],
  ["cwr", "Congestion window reduced", 0x80, "CWR"],
  ["ece", "ECN echo", 0x40, "ECE"],
  ["urg", "Urgent", 0x20, "URG"],
  ["ack", "Acknowledgment", 0x10, "ACK"],
  ["push", "Push", 0x08, "PSH"],
  ["reset", "Reset", 0x04, "RST"],
  ["syn", "Synchronise", 0x02, "SYN"],
  ["fin", "Finish", 0x01, "FIN"],
].map(([name, label, bit, short]) => ({ field: bool(`tcp.flags.${name}`, String(label)), bit: Number(bit), short: String(short) }));
const fields = {
  source: uint("tcp.srcport", "Source port", { also: ["tcp.port"] }),
  destination: uint("tcp.dstport", "Destination port", { also: ["tcp.port"] }),
  stream: uint("tcp.stream", "Stream"),
  length: uint("tcp.len", "Segment length"),
  seq: uint("tcp.seq", "Sequence number"),
  seqRaw: uint("tcp.seq_raw", "Sequence number, raw"),
  nextSeq: uint("tcp.nxtseq", "Next sequence number"),
  ack: uint("tcp.ack", "Acknowledgment number"),
  ackRaw: uint("tcp.ack_raw", "Acknowledgment number, raw"),
  headerLength: uint("tcp.hdr_len", "Header length"),
  flags: hex("tcp.flags", "Flags", 12),
  reserved: bool("tcp.flags.res", "Reserved"),
  flagText: textField("tcp.flags.str", "Flags"),
  window: uint("tcp.window_size_value", "Window"),
  scaled: uint("tcp.window_size", "Window, calculated"),
  scale: uint("tcp.window_size_scalefactor", "Window scale"),
  checksum: hex("tcp.checksum", "Checksum", 16),
  status: uint("tcp.checksum.status", "Checksum status", { names: statusNames }),
  urgent: uint("tcp.urgent_pointer", "Urgent pointer"),
  options: bytesField("tcp.options", "Options"),
  analysis: protocol("tcp.analysis", "Sequence analysis"),
  analysisFlags: protocol("tcp.analysis.flags", "What was found"),
  duplicateAck: uint("tcp.analysis.duplicate_ack_num", "Duplicate ACK number"),
  payload: bytesField("tcp.payload", "Payload"),
  /** Text to Wireshark, in bytes of any kind. RFC 9293 3.5.3: why the sender resets. */
  resetCause: bytesField("tcp.reset_cause", "Reset cause", { ours: true }),
};
const HEADER_BYTES = 20;
const [ACK, RST, SYN] = [0x10, 0x04, 0x02];

/** TCP (RFC 9293). */
export const tcp: Dissector = {
  layer,
  fields: [
    ...Object.values(fields),
    ...flagFields.map(({ field }) => field),
    ...tcpOptionFields,
    ...analysisFields.map(({ field }) => field),
  ],
  read(cursor, node, context) {
    context.protocol = "TCP";
    const start = cursor.at;
    context.sourcePort = cursor.u16(fields.source);
    context.destinationPort = cursor.u16(fields.destination);
    node.summary = `${context.sourcePort} → ${context.destinationPort}`;
    cursor.need(10);
    const headerLength = (cursor.peek8(8) >> 4) * 4;
    const length = cursor.wireEnd - start - headerLength;
    // of a fragment the segment's end is not known, and so not where the next begins
    const fragment = context.network?.fragment === true;
    const facts = context.quoted ? null : context.packet.facts;
    if (facts !== null) cursor.generated(fields.stream, facts.stream);
    if (headerLength >= HEADER_BYTES && !fragment) cursor.generated(fields.length, length);
    const { ackRaw, seqText } = readNumbers(cursor, facts);
    cursor.bits(fields.headerLength, headerLength, 1);
    if (headerLength < HEADER_BYTES) cursor.malformed();
    const flags = readFlags(cursor);
    const window = cursor.u16(fields.window);
    if (facts !== null) readScaled(cursor, facts, flags);
    cursor.u16(fields.checksum);
    cursor.generated(fields.status, Status.unverified);
    cursor.u16(fields.urgent);
    const names = flagFields.filter(({ bit, short }) => (flags & bit) !== 0 && short !== "").map(({ short }) => short);
    const head = `[${names.reverse().join(", ") || "none"}] ${seqText(flags)}Win=${facts?.window ?? window} Len=${length}`;
    context.info = `${node.summary} ${head}`;
    if (headerLength > HEADER_BYTES) {
      const all = headerLength - HEADER_BYTES;
      const value = cursor.bytes.subarray(cursor.at, Math.min(cursor.at + all, cursor.end));
      cursor.group(fields.options, value, () =>
        cursor.within(all, () => {
          context.info += readTcpOptions(cursor, facts === null ? 0 : ackRaw - facts.ack);
        }),
      );
    }
    if (facts !== null) sayAnalysis(cursor, facts, context);
    if ((flags & RST) !== 0) {
      if (cursor.left > 0) cursor.take(fields.resetCause, cursor.left);
      return null;
    }
    if (cursor.left > 0) cursor.add(fields.payload, cursor.bytes.subarray(cursor.at, cursor.end), cursor.at, cursor.left);
    // sent before, or before its turn: as in Wireshark no protocol above is asked, which would read it a second time
    if (facts !== null && (facts.analysis & (Analysis.retransmission | Analysis.outOfOrder)) !== 0) return null;
    return rest(context.tables.payload("tcp", cursor, context), cursor);
  },
};

/** Sequence and acknowledgment, relative where the conversation is known. */
function readNumbers(cursor: Cursor, facts: StreamFacts | null) {
  const seqAt = cursor.at;
  if (facts !== null) cursor.add(fields.seq, facts.seq, seqAt, 4);
  const seqRaw = cursor.u32(fields.seqRaw);
  if (facts !== null) {
    if (facts.nextSeq >= 0) cursor.generated(fields.nextSeq, facts.nextSeq);
    cursor.add(fields.ack, facts.ack, cursor.at, 4);
  }
  const ackRaw = cursor.u32(fields.ackRaw);
  const [seq, ack] = [facts?.seq ?? seqRaw, facts?.ack ?? ackRaw];
  return { ackRaw, seqText: (flags: number) => `Seq=${seq} ${(flags & ACK) === 0 ? "" : `Ack=${ack} `}` };
}

function readFlags(cursor: Cursor): number {
  const flags = cursor.peek16() & 0xfff;
  cursor.parts(fields.flags, flags, 2, () => {
    cursor.bits(fields.reserved, flags >> 9 === 0 ? 0 : 1, 1);
    for (const { field, bit } of flagFields) cursor.bits(field, (flags & bit) === 0 ? 0 : 1, 1, bit >= 0x100 ? 0 : 1);
    cursor.bits(fields.flagText, flagText(flags), 2);
  });
  return flags;
}

/** One place for each bit, the highest first: a letter or a middle dot. */
function flagText(flags: number): string {
  return [..."RRRACEUAPRSF"].map((letter, i) => ((flags & (0x800 >> i)) === 0 ? "·" : letter)).join("");
}

function readScaled(cursor: Cursor, facts: StreamFacts, flags: number): void {
  cursor.add(fields.scaled, facts.window, cursor.at - 2, 2);
  if ((flags & SYN) === 0) cursor.add(fields.scale, facts.scale, cursor.at - 2, 2);
}

function sayAnalysis(cursor: Cursor, { analysis, duplicateAck }: StreamFacts, context: Context): void {
  const found = analysisFields.filter(({ bit }) => (analysis & bit) !== 0);
  if (found.length === 0) return;
  const at = cursor.at;
  cursor.group(fields.analysis, null, () => {
    cursor.group(fields.analysisFlags, null, () => {
      for (const { field } of found) cursor.generated(field, null);
    });
    if (duplicateAck > 0) cursor.generated(fields.duplicateAck, duplicateAck);
  });
  cursor.at = at;
  const words = found.map(({ words: text }) => (text === "Duplicate ACK" ? `TCP duplicate ACK ${duplicateAck}` : `TCP ${lower(text)}`));
  context.info = `${words.map((text) => `[${text}] `).join("")}${context.info}`;
}

const lower = (text: string): string => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
