import { addressTest, numberTest, type AddressTest, type NumberTest } from "../query/index.ts";
import { NO, UNSURE, YES, type Answer, type Answered } from "./answer.ts";
import {
  addressSources,
  analysisBits,
  macSources,
  numberSources,
  protocolBits,
  type AddressSource,
  type NumberSource,
} from "./columnSources.ts";
import { packetFields, type PacketTerm } from "./fields.ts";
import { Has } from "./headerIndex.ts";
import { markOf } from "./marks.ts";
import type { PacketTable } from "./table.ts";
import { marksOfPayload, payloadOf, payloadsWith } from "./payloads.ts";
import { bytesValue } from "./values.ts";

type Named = { readonly names: readonly string[]; readonly table: PacketTable };
/** Of packets whose headers are sure and hold one of the bits: whether one of the field's values fits; null where it has none. */
type Sure = (row: number, has: number) => boolean | null;

/** What the columns know of a statement about fields that dissectors find under these names. */
export function columnsTest(term: PacketTerm, { names, table }: Named): Answered {
  const { columns } = table;
  const sure = sureTest(term, { names, table });
  const differs = term.type === "compare" && term.op === "!=";
  const isProtocol = term.type === "present" && names.every((name) => !name.includes("."));
  const firsts = names.map((name) => name.split(".")[0] ?? name);
  const marks = names.map(markOf);
  const absent = absentFrom({ names, table }, { firsts, marks });
  const mayCarry = payloadsWith(marks);
  const ofHeaders = firsts.reduce((sum, first) => sum | (protocolBits[first] ?? 0), 0);
  return (row): Answer => {
    const has = columns.has[row] ?? 0;
    if ((has & Has.unsure) === 0 && sure !== null) {
      const fits = sure(row, has);
      return fits !== null && fits !== differs ? YES : NO;
    }
    const stack = columns.stack[row] ?? 0;
    if (absent(has, stack)) return NO;
    // a protocol that was found there is there
    if (isProtocol && stack !== 0) return YES;
    if (stack !== 0 || (has & ofHeaders) !== 0 || (has & (Has.tcp | Has.udp)) === 0) return UNSURE;
    const transport = (has & Has.tcp) === 0 ? "udp" : "tcp";
    if (!mayCarry(transport, columns.sourcePort[row] ?? 0, columns.destinationPort[row] ?? 0)) return NO;
    const payload = payloadOf(table, row, transport);
    if (payload === null || marks.every((mark) => !marksOfPayload(payload).has(mark))) return NO;
    return isProtocol && names.includes(payload.layer.name) ? YES : UNSURE;
  };
}

/** Null where the columns do not have the field. */
function sureTest(term: PacketTerm, { names, table }: Named): Sure | null {
  const field = packetFields.of(term.field);
  if (field.type === "presence") {
    const analysis = analysisBits.get(term.field);
    if (term.type === "present" && analysis !== undefined)
      return (row, has) => ((has & Has.tcp) !== 0 && ((table.columns.analysis[row] ?? 0) & analysis) !== 0 ? true : null);
    const bits = names.map((name) => protocolBits[name]);
    if (term.type !== "present" || bits.includes(undefined)) return null;
    const wanted = bits.reduce<number>((sum, bit) => sum | (bit ?? 0), 0);
    return (_row, has) => ((has & wanted) !== 0 ? true : null);
  }
  if (term.type !== "present" && term.type !== "compare" && term.type !== "in") return null;
  const numbers = numberSources[term.field];
  if (numbers !== undefined) {
    const isSet = field.type === "flag" ? (value: number): boolean => value === 1 : (): boolean => true;
    return anyNumber(numbers, term.type === "present" ? isSet : numberTest(term), table);
  }
  const addresses = addressSources[term.field];
  if (addresses !== undefined) return anyAddress(addresses, term.type === "present" ? () => true : addressTest(term), table);
  const macs = macSources[term.field];
  if (macs === undefined) return null;
  const wanted = term.type === "in" ? term.items.flatMap(bytesValue) : term.type === "compare" ? bytesValue(term.value) : null;
  return anyMac(macs, wanted, table);
}

function anyNumber(sources: readonly NumberSource[], test: NumberTest, table: PacketTable): Sure {
  return (row, has) => {
    let found: boolean | null = null;
    for (const source of sources) {
      if ((has & source.has) === 0) continue;
      if (test(source.read(row, table))) return true;
      found = false;
    }
    return found;
  };
}

function anyAddress(sources: readonly AddressSource[], test: AddressTest, table: PacketTable): Sure {
  const word = new DataView(new ArrayBuffer(4));
  const fits = (source: AddressSource, row: number): boolean => {
    if (source.family === 4) {
      word.setUint32(0, table.columns[source.column][row] ?? 0);
      return test(word, 0, 4);
    }
    const { view, at, network } = table.headersOf(row);
    return test(view, at + network + source.offset, 6);
  };
  return (row, has) => {
    let found: boolean | null = null;
    for (const source of sources) {
      if ((has & source.has) === 0) continue;
      if (fits(source, row)) return true;
      found = false;
    }
    return found;
  };
}

function anyMac(offsets: readonly number[], wanted: readonly Uint8Array[] | null, table: PacketTable): Sure {
  const numbers = wanted?.map((bytes) => bytes.reduce((sum, byte) => sum * 256 + byte, 0)) ?? null;
  return (row, has) => {
    if ((has & Has.ethernet) === 0) return null;
    const { view, at } = table.headersOf(row);
    return offsets.some((offset) => numbers?.includes(view.getUint16(at + offset) * 2 ** 32 + view.getUint32(at + offset + 2)) ?? true);
  };
}

/** Whether none of the fields can be in a packet of these bits, or of what was found in its kind. */
function absentFrom(
  { names, table }: Named,
  { firsts, marks }: { readonly firsts: readonly string[]; readonly marks: readonly string[] },
): (has: number, stack: number) => boolean {
  const inOptions = names.every((name) => name.startsWith("tcp.options"));
  const bits = inOptions ? [Has.tcpOptions] : firsts.map((first) => protocolBits[first] ?? 0);
  const anyBit = bits.reduce((sum, bit) => sum | bit, 0);
  const headersOnly = bits.every((bit) => bit !== 0);
  const known: (boolean | undefined)[] = [];
  return (has, stack) => {
    // Of sure headers nothing but payload is unknown, and no payload has fields of theirs.
    if ((has & Has.unsure) === 0 && (headersOnly || (has & Has.payload) === 0) && (has & anyBit) === 0) return true;
    if (stack === 0) return false;
    return (known[stack] ??= !marks.some((mark) => table.stacks.has(stack, mark)));
  };
}
