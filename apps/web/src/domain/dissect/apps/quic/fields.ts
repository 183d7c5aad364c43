import { bool, bytesField, hex, protocol, textField, uint, type FieldDef } from "../../fields.ts";
import { versionNames } from "./versions.ts";

const ours = { ours: true } as const;

/** RFC 9000 17.2. */
export const packetTypes: ReadonlyMap<number, string> = new Map([
  [0, "Initial"],
  [1, "0-RTT"],
  [2, "Handshake"],
  [3, "Retry"],
]);
/** RFC 9369 3.2. */
export const packetTypesV2: ReadonlyMap<number, string> = new Map([
  [0, "Retry"],
  [1, "Initial"],
  [2, "0-RTT"],
  [3, "Handshake"],
]);
/** Of those that an Initial packet may hold (RFC 9000 12.4). */
export const frameTypes: ReadonlyMap<number, string> = new Map([
  [0, "PADDING"],
  [1, "PING"],
  [2, "ACK"],
  [3, "ACK (ECN)"],
  [6, "CRYPTO"],
  [0x1c, "CONNECTION_CLOSE"],
]);

export const packet = {
  packet: protocol("quic.packet", "Packet", ours),
  length: uint("quic.packet_length", "Packet length"),
  form: uint("quic.header_form", "Header form", {
    names: new Map([
      [0, "short"],
      [1, "long"],
    ]),
  }),
  fixed: bool("quic.fixed_bit", "Fixed bit"),
  spin: bool("quic.spin_bit", "Spin bit"),
  type: uint("quic.long.packet_type", "Packet type", { names: packetTypes }),
  typeV2: uint("quic.long.packet_type_v2", "Packet type", { names: packetTypesV2 }),
  reserved: uint("quic.long.reserved", "Reserved"),
  numberLength: uint("quic.packet_number_length", "Packet number length"),
  version: hex("quic.version", "Version", 32, { names: versionNames }),
  unused: hex("quic.vn.unused", "Unused", 7),
  supported: hex("quic.supported_version", "Supported version", 32, { names: versionNames }),
  dcil: uint("quic.dcil", "Destination connection ID length"),
  dcid: bytesField("quic.dcid", "Destination connection ID"),
  scil: uint("quic.scil", "Source connection ID length"),
  scid: bytesField("quic.scid", "Source connection ID"),
  tokenLength: uint("quic.token_length", "Token length"),
  token: bytesField("quic.token", "Token"),
  payloadLength: uint("quic.length", "Length"),
  number: uint("quic.packet_number", "Packet number"),
  payload: bytesField("quic.payload", "Payload"),
  remaining: bytesField("quic.remaining_payload", "Protected payload"),
  // Wireshark, which has seen the connection begin, tells more of these
  sealed: bytesField("quic.sealed", "Protected payload", ours),
  retryToken: bytesField("quic.retry_token", "Retry token"),
  retryTag: bytesField("quic.retry_integrity_tag", "Retry integrity tag"),
} satisfies Record<string, FieldDef>;

export const frames = {
  frame: protocol("quic.frame", "Frame"),
  type: uint("quic.frame_type", "Frame type", { names: frameTypes }),
  paddingLength: uint("quic.padding_length", "Padding length"),
  largest: uint("quic.ack.largest_acknowledged", "Largest acknowledged"),
  delay: uint("quic.ack.ack_delay", "ACK delay"),
  rangeCount: uint("quic.ack.ack_range_count", "ACK range count"),
  firstRange: uint("quic.ack.first_ack_range", "First ACK range"),
  gap: uint("quic.ack.gap", "Gap"),
  range: uint("quic.ack.ack_range", "ACK range"),
  ect0: uint("quic.ack.ect0_count", "ECT(0) count"),
  ect1: uint("quic.ack.ect1_count", "ECT(1) count"),
  ce: uint("quic.ack.ecn_ce_count", "ECN-CE count"),
  cryptoOffset: uint("quic.crypto.offset", "Offset"),
  cryptoLength: uint("quic.crypto.length", "Length"),
  cryptoData: protocol("quic.crypto.crypto_data", "Crypto data"),
  closeError: uint("quic.cc.error_code", "Error code"),
  closeFrame: uint("quic.cc.frame_type", "Frame type", { names: frameTypes }),
  closeLength: uint("quic.cc.reason_phrase.length", "Reason phrase length"),
  closeReason: textField("quic.cc.reason_phrase", "Reason phrase"),
} satisfies Record<string, FieldDef>;

export const quicFields: readonly FieldDef[] = [packet, frames].flatMap((part) => Object.values<FieldDef>(part));
