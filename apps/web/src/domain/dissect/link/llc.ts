import { etherTypes } from "../../names.ts";
import { bool, hex, protocol, uint, type FieldDef } from "../fields.ts";
import { afterEtherType, rest } from "../next.ts";
import type { Cursor } from "../cursor.ts";
import type { Dissector } from "../types.ts";

const layer = protocol("llc", "LLC");
/** Service access points: IEEE 802.2, ISO/IEC TR 11802-1. */
const sapNames: ReadonlyMap<number, string> = new Map([
  [0x00, "Null"],
  [0x06, "TCP/IP"],
  [0x42, "Spanning tree"],
  [0xaa, "SNAP"],
  [0xe0, "NetWare"],
  [0xf0, "NetBIOS"],
  [0xfe, "ISO network layer"],
  [0xff, "Global"],
]);
const ciscoNames: ReadonlyMap<number, string> = new Map([
  [0x010b, "PVSTP+"],
  [0x0111, "UDLD"],
  [0x2000, "CDP"],
  [0x2003, "VTP"],
  [0x2004, "DTP"],
]);
const fields = {
  dsap: hex("llc.dsap", "DSAP", 8, { names: sapNames }),
  dsapSap: uint("llc.dsap.sap", "SAP"),
  group: bool("llc.dsap.ig", "Group"),
  ssap: hex("llc.ssap", "SSAP", 8, { names: sapNames }),
  ssapSap: uint("llc.ssap.sap", "SAP"),
  response: bool("llc.ssap.cr", "Response"),
  control: hex("llc.control", "Control", 16),
  poll: bool("llc.control.p", "Poll"),
  final: bool("llc.control.f", "Final"),
  receive: uint("llc.control.n_r", "N(R)"),
  send: uint("llc.control.n_s", "N(S)"),
  supervisory: hex("llc.control.s_ftype", "Supervisory frame type", 16),
  command: hex("llc.control.u_modifier_cmd", "Command", 8),
  reply: hex("llc.control.u_modifier_resp", "Response", 8),
  frameType: hex("llc.control.ftype", "Frame type", 16),
  oui: hex("llc.oui", "Organisation", 24),
  type: hex("llc.type", "Type", 16, { names: etherTypes }),
  ciscoPid: hex("llc.cisco_pid", "Protocol", 16, { names: ciscoNames }),
  pid: hex("llc.pid", "Protocol", 16),
};
const SNAP = 0xaa;
const ENCAPSULATED_ETHERNET = 0;
const CISCO = 0x00000c;

/** 802.2 LLC, with SNAP (RFC 1042). */
export const llc: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "LLC";
    const dsap = readSap(cursor, fields.dsap, fields.dsapSap, fields.group);
    const ssap = readSap(cursor, fields.ssap, fields.ssapSap, fields.response);
    node.summary = `DSAP 0x${dsap.toString(16).padStart(2, "0")}, SSAP 0x${ssap.toString(16).padStart(2, "0")}`;
    readControl(cursor, (ssap & 1) === 1);
    if (dsap !== SNAP || (ssap & 0xfe) !== SNAP) {
      context.info = sapNames.get(dsap) ?? node.summary;
      return rest(context.tables.data, cursor);
    }
    const oui = cursor.u24(fields.oui);
    if (oui === ENCAPSULATED_ETHERNET) return afterEtherType(cursor.u16(fields.type), cursor, context);
    const pid = cursor.u16(oui === CISCO ? fields.ciscoPid : fields.pid);
    const cisco = oui === CISCO ? ciscoNames.get(pid) : undefined;
    if (cisco !== undefined) context.protocol = cisco;
    context.info = `SNAP, OUI 0x${oui.toString(16).padStart(6, "0")}, PID 0x${pid.toString(16).padStart(4, "0")}`;
    return rest(context.tables.data, cursor);
  },
};

function readSap(cursor: Cursor, whole: FieldDef, sap: FieldDef, low: FieldDef): number {
  const value = cursor.peek8();
  cursor.parts(whole, value, 1, () => {
    cursor.bits(sap, value >> 1, 1);
    cursor.bits(low, value & 1, 1);
  });
  return value;
}

/** The control field: one byte of unnumbered frames, two of the others, the first of them least significant. */
function readControl(cursor: Cursor, response: boolean): void {
  const first = cursor.peek8();
  const pollFinal = response ? fields.final : fields.poll;
  if ((first & 3) === 3) {
    cursor.parts(fields.control, first, 1, () => {
      if ((first & 0x10) !== 0) cursor.bits(pollFinal, 1, 1);
      cursor.bits(response ? fields.reply : fields.command, (first & 0xec) >> 2, 1);
      cursor.bits(fields.frameType, 3, 1);
    });
    return;
  }
  const value = first | (cursor.peek8(1) << 8);
  cursor.parts(fields.control, value, 2, () => {
    cursor.bits(fields.receive, value >> 9, 2);
    if (((value >> 8) & 1) === 1) cursor.bits(pollFinal, 1, 2);
    if ((value & 1) === 0) cursor.bits(fields.send, (value >> 1) & 0x7f, 2);
    else cursor.bits(fields.supervisory, (value >> 2) & 3, 2);
    cursor.bits(fields.frameType, value & 1, 2);
  });
}
