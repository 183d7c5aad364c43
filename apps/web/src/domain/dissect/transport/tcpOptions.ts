import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, protocol, uint, type FieldDef } from "../fields.ts";

const kindNames: ReadonlyMap<number, string> = new Map([
  [0, "End of options"],
  [1, "No operation"],
  [2, "Maximum segment size"],
  [3, "Window scale"],
  [4, "SACK permitted"],
  [5, "SACK"],
  [6, "Echo"],
  [7, "Echo reply"],
  [8, "Timestamps"],
  [11, "CC"],
  [12, "CC.NEW"],
  [13, "CC.ECHO"],
  [19, "MD5 signature"],
  [28, "User timeout"],
  [29, "Authentication"],
  [30, "Multipath TCP"],
  [34, "Fast open"],
  [253, "Experimental"],
  [254, "Experimental"],
]);
const options: ReadonlyMap<number, FieldDef> = new Map(
  (
    [
      [0, "eol"],
      [1, "nop"],
      [2, "mss"],
      [3, "wscale"],
      [4, "sack_perm"],
      [5, "sack"],
      [6, "echo"],
      [7, "echo_reply"],
      [8, "timestamp"],
      [11, "cc"],
      [12, "cc_new"],
      [13, "cc_echo"],
      [19, "md5"],
      [28, "user_to"],
      [29, "ao"],
      [34, "tfo"],
      [253, "experimental"],
      [254, "experimental"],
    ] as const
  ).map(([kind, name]) => [kind, bytesField(`tcp.options.${name}`, kindNames.get(kind) ?? name)]),
);
const fields = {
  unknown: bytesField("tcp.options.unknown", "Unknown option"),
  /** Wireshark takes it for a protocol of its own. */
  multipath: bytesField("mptcp", "Multipath TCP", { ours: true }),
  kind: uint("tcp.option_kind", "Kind", { names: kindNames }),
  length: uint("tcp.option_len", "Length"),
  mss: uint("tcp.options.mss_val", "Maximum segment size"),
  shift: uint("tcp.options.wscale.shift", "Shift"),
  multiplier: uint("tcp.options.wscale.multiplier", "Multiplier"),
  sackLeft: uint("tcp.options.sack_le", "Left edge"),
  sackRight: uint("tcp.options.sack_re", "Right edge"),
  sackCount: uint("tcp.options.sack.count", "Blocks"),
  value: uint("tcp.options.timestamp.tsval", "Timestamp"),
  echo: uint("tcp.options.timestamp.tsecr", "Timestamp echoed"),
  echoValue: uint("tcp.options.echo_value", "Echo value"),
  cc: uint("tcp.options.cc_value", "Connection count"),
  digest: bytesField("tcp.options.md5.digest", "Digest"),
  granularity: bool("tcp.options.user_to_granularity", "In minutes"),
  timeout: uint("tcp.options.user_to_val", "Timeout"),
  keyId: uint("tcp.options.ao.keyid", "Key"),
  nextKeyId: uint("tcp.options.ao.rnextkeyid", "Next key"),
  mac: bytesField("tcp.options.ao.mac", "MAC"),
  cookie: bytesField("tcp.options.tfo.cookie", "Cookie"),
  request: protocol("tcp.options.tfo.request", "Cookie request"),
  experiment: hex("tcp.options.experimental.exid", "Experiment", 16),
  data: bytesField("tcp.options.unknown.payload", "Data"),
  experimentData: bytesField("tcp.options.experimental.data", "Data"),
  subtype: uint("tcp.options.mptcp.subtype", "Subtype"),
};
export const tcpOptionFields: readonly FieldDef[] = [...options.values(), ...Object.values(fields)];

const MULTIPATH = 30;
const FAST_OPEN = 0xf989;

/**
 * The options, up to the end of the cursor (RFC 9293 3.1; IANA tcp-parameters). Says what the list shows of them.
 * `sackBase` is what SACK edges are told relative to.
 */
export function readTcpOptions(cursor: Cursor, sackBase: number): string {
  const said: string[] = [];
  while (cursor.left > 0) {
    const kind = cursor.peek8();
    const length = kind <= 1 ? 1 : cursor.left < 2 ? 0 : cursor.peek8(1);
    // what follows the options is known all the same
    if (length < (kind <= 1 ? 1 : 2) || length > cursor.wireEnd - cursor.at) break;
    const field = options.get(kind) ?? (kind === MULTIPATH ? fields.multipath : fields.unknown);
    const whole = cursor.bytes.subarray(cursor.at, Math.min(cursor.at + length, cursor.end));
    cursor.group(field, whole, () =>
      cursor.within(length, () => {
        cursor.u8(fields.kind);
        if (kind > 1) cursor.u8(fields.length);
        if (cursor.left > 0) said.push(readOption(cursor, kind, sackBase));
      }),
    );
    if (kind === 4) said.push("SACK_PERM");
    if (kind === 0) break;
  }
  return said.map((text) => (text === "" ? "" : ` ${text}`)).join("");
}

/** What follows kind and length. */
function readOption(cursor: Cursor, kind: number, sackBase: number): string {
  switch (kind) {
    case 2:
      return `MSS=${cursor.u16(fields.mss)}`;
    case 3: {
      const shift = cursor.u8(fields.shift);
      cursor.add(fields.multiplier, 2 ** Math.min(shift, 14), cursor.at - 1, 1);
      return `WS=${2 ** Math.min(shift, 14)}`;
    }
    case 5:
      return readSack(cursor, sackBase);
    case 6:
    case 7:
      cursor.u32(fields.echoValue);
      return "";
    case 8:
      return `TSval=${cursor.u32(fields.value)} TSecr=${cursor.u32(fields.echo)}`;
    case 11:
    case 12:
    case 13:
      cursor.u32(fields.cc);
      return "";
    case 19:
      cursor.take(fields.digest, cursor.left);
      return "";
    case 28: {
      const word = cursor.peek16();
      cursor.bits(fields.granularity, word >> 15, 2);
      cursor.bits(fields.timeout, word & 0x7fff, 2);
      cursor.skip(2);
      return "";
    }
    case 29:
      cursor.u8(fields.keyId);
      cursor.u8(fields.nextKeyId);
      if (cursor.left > 0) cursor.take(fields.mac, cursor.left);
      return "";
    case 30:
      cursor.bits(fields.subtype, cursor.peek8() >> 4, 1);
      return "";
    case 34:
      cursor.take(fields.cookie, cursor.left);
      return "TFO";
    case 253:
    case 254:
      return readExperiment(cursor);
    default:
      cursor.take(fields.data, cursor.left);
      return "";
  }
}

/** RFC 6994; fast open was one before it got a number of its own. */
function readExperiment(cursor: Cursor): string {
  const experiment = cursor.left >= 2 ? cursor.u16(fields.experiment) : 0;
  const fastOpen = experiment === FAST_OPEN;
  if (cursor.left > 0) cursor.take(fastOpen ? fields.cookie : fields.experimentData, cursor.left);
  else if (fastOpen) cursor.add(fields.request, null, cursor.at - 2, 2);
  return fastOpen ? "TFO" : "";
}

function readSack(cursor: Cursor, base: number): string {
  const blocks: string[] = [];
  while (cursor.left > 0) {
    const [left, right] = [(cursor.peek32() - base) >>> 0, (cursor.peek32(4) - base) >>> 0];
    cursor.add(fields.sackLeft, left, cursor.at, 4);
    cursor.add(fields.sackRight, right, cursor.at + 4, 4);
    cursor.at += 8;
    blocks.push(` SLE=${left} SRE=${right}`);
  }
  cursor.generated(fields.sackCount, blocks.length);
  return blocks.join("").trimStart();
}
