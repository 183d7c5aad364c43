import { bool, bytesField, hex, protocol, textField, timeField, uint, type FieldDef } from "../../fields.ts";

const ours = { ours: true } as const;

const leap = new Map([
  [0, "no warning"],
  [1, "last minute has 61 seconds"],
  [2, "last minute has 59 seconds"],
  [3, "clock unsynchronized"],
]);

export const modes: ReadonlyMap<number, string> = new Map([
  [0, "reserved"],
  [1, "symmetric active"],
  [2, "symmetric passive"],
  [3, "client"],
  [4, "server"],
  [5, "broadcast"],
  [6, "control"],
  [7, "private"],
]);

/** RFC 9327 2. */
export const opcodes: ReadonlyMap<number, string> = new Map([
  [1, "read status"],
  [2, "read variables"],
  [3, "write variables"],
  [4, "read clock variables"],
  [5, "write clock variables"],
  [6, "set trap address"],
  [7, "trap response"],
  [8, "runtime configuration"],
  [9, "export configuration"],
  [10, "retrieve remote addresses"],
  [11, "retrieve ordered list"],
  [12, "request nonce"],
  [31, "unset trap"],
]);

export const common = {
  flags: hex("ntp.flags", "Flags", 8),
  leap: uint("ntp.flags.li", "Leap indicator", { names: leap }),
  version: uint("ntp.flags.vn", "Version"),
  mode: uint("ntp.flags.mode", "Mode", { names: modes }),
} satisfies Record<string, FieldDef>;

/** RFC 5905 7.3, 7.5. */
export const time = {
  stratum: uint("ntp.stratum", "Stratum"),
  poll: uint("ntp.ppoll", "Poll interval"),
  precision: uint("ntp.precision", "Precision"),
  rootDelay: uint("ntp.rootdelay", "Root delay"),
  rootDispersion: uint("ntp.rootdispersion", "Root dispersion"),
  reference: bytesField("ntp.refid", "Reference ID"),
  referenceTime: timeField("ntp.reftime", "Reference timestamp"),
  origin: timeField("ntp.org", "Origin timestamp"),
  receive: timeField("ntp.rec", "Receive timestamp"),
  transmit: timeField("ntp.xmt", "Transmit timestamp"),
  extension: protocol("ntp.ext", "Extension"),
  extensionType: hex("ntp.ext.type", "Type", 16),
  extensionLength: uint("ntp.ext.length", "Length"),
  extensionValue: bytesField("ntp.ext.value", "Value"),
  keyId: bytesField("ntp.keyid", "Key ID"),
  mac: bytesField("ntp.mac", "Message authentication code"),
} satisfies Record<string, FieldDef>;

/** RFC 9327 2, 3. */
export const control = {
  flags: hex("ntp.ctrl.flags2", "Flags", 8),
  response: uint("ntp.ctrl.flags2.r", "Response"),
  error: uint("ntp.ctrl.flags2.error", "Error"),
  more: uint("ntp.ctrl.flags2.more", "More"),
  opcode: uint("ntp.ctrl.flags2.opcode", "Opcode", { names: opcodes }),
  sequence: uint("ntp.ctrl.sequence", "Sequence"),
  status: hex("ntp.ctrl.status", "Status", 16),
  errorStatus: uint("ntp.ctrl.err_status", "Error code"),
  systemLeap: uint("ntp.ctrl.sys_status.li", "Leap indicator", { names: leap }),
  systemSource: uint("ntp.ctrl.sys_status.clksrc", "Clock source"),
  systemCount: uint("ntp.ctrl.sys_status.count", "Event counter"),
  systemCode: uint("ntp.ctrl.sys_status.code", "Event code"),
  peerConfigured: bool("ntp.ctrl.peer_status.config", "Configured"),
  peerAuthEnabled: bool("ntp.ctrl.peer_status.authenable", "Authentication enabled"),
  peerAuthentic: bool("ntp.ctrl.peer_status.authentic", "Authentic"),
  peerReachable: bool("ntp.ctrl.peer_status.reach", "Reachable"),
  peerBroadcast: bool("ntp.ctrl.peer_status.bcast", "Broadcast"),
  peerSelection: uint("ntp.ctrl.peer_status.selection", "Selection"),
  peerCount: uint("ntp.ctrl.peer_status.count", "Event counter"),
  peerCode: uint("ntp.ctrl.peer_status.code", "Event code"),
  clockStatus: uint("ntp.ctrl.clock_status.status", "Clock status"),
  clockCode: uint("ntp.ctrl.clock_status.code", "Event code"),
  association: uint("ntp.ctrl.associd", "Association ID"),
  offset: uint("ntp.ctrl.offset", "Offset"),
  count: uint("ntp.ctrl.count", "Count"),
  data: textField("ntp.ctrl.text", "Data", ours),
} satisfies Record<string, FieldDef>;

/** Mode 7 of ntpd (ntp_request.h): the header of it. */
export const priv = {
  response: uint("ntp.priv.flags.r", "Response"),
  more: uint("ntp.priv.flags.more", "More"),
  sequence: hex("ntp.priv.auth_seq", "Authentication, sequence", 8),
  authenticated: uint("ntp.priv.auth", "Authenticated"),
  number: uint("ntp.priv.seq", "Sequence number"),
  implementation: uint("ntp.priv.impl", "Implementation"),
  request: uint("ntp.priv.reqcode", "Request code"),
  data: bytesField("ntp.priv.data", "Data", ours),
} satisfies Record<string, FieldDef>;

export const ntpFields: readonly FieldDef[] = [common, time, control, priv].flatMap((part) => Object.values<FieldDef>(part));
