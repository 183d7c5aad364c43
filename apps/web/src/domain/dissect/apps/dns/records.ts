import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import { question, record, sections } from "./fields.ts";
import { readName, type Names } from "./name.ts";
import { classes, typeName } from "./names.ts";
import { readRdata } from "./rdata.ts";

/** What the records of one message have in common; `say` adds to the line of the list. */
export type Message = { readonly names: Names; readonly multicast: boolean; readonly say: (words: string) => void };

const SRV = 33;
const OPT = 41;
/** The top bit of the class, as mDNS uses it (RFC 6762 5.4, 10.2). */
const TOP_BIT = 0x8000;

const className = (value: number): string => classes.get(value) ?? `CLASS${value}`; // RFC 3597 5

export function readQuestions(cursor: Cursor, section: FieldDef, count: number, message: Message): void {
  if (count === 0) return;
  cursor.group(section, null, () => {
    for (let i = 0; i < count; i++) readQuestion(cursor, message);
  });
}

function readQuestion(cursor: Cursor, { names, multicast, say }: Message): void {
  cursor.group(sections.query, null, (group) => {
    const from = cursor.at;
    const { text, octets, labels } = readName(cursor, names);
    cursor.need(4); // type, class
    cursor.add(question.name, text, from, cursor.at - from);
    cursor.add(question.nameLength, octets > 1 ? octets : 0, from, 0);
    cursor.add(question.labels, octets > 1 ? labels : 0, from, 0);
    const type = cursor.u16(question.type);
    const number = cursor.peek16();
    const unicast = multicast && number >= TOP_BIT;
    cursor.bits(question.class, multicast ? number & ~TOP_BIT : number, 2);
    if (multicast) cursor.bits(question.unicast, unicast ? 1 : 0, 2);
    cursor.skip(2);
    group.summary = `${text}: type ${typeName(type)}, class ${className(multicast ? number & ~TOP_BIT : number)}`;
    say(`${typeName(type)} ${text}${multicast ? (unicast ? ', "QU" question' : ', "QM" question') : ""}`);
  });
}

export function readRecords(cursor: Cursor, section: FieldDef, count: number, message: Message): void {
  if (count === 0) return;
  cursor.group(section, null, () => {
    for (let i = 0; i < count; i++) cursor.group(sections.record, null, (group) => (group.summary = readRecord(cursor, message)));
  });
}

function readRecord(cursor: Cursor, message: Message): string {
  const from = cursor.at;
  const { text } = readName(cursor, message.names);
  cursor.need(10); // type, class, TTL, length
  const [type, number] = [cursor.peek16(), cursor.peek16(2)];
  const flush = message.multicast && number >= TOP_BIT;
  if (type === SRV) addService(cursor, text, from);
  else cursor.add(record.name, text, from, cursor.at - from);
  cursor.u16(record.type);
  if (type === OPT) readOptHeader(cursor, message);
  else {
    cursor.bits(record.class, message.multicast ? number & ~TOP_BIT : number, 2);
    if (message.multicast) cursor.bits(record.cacheFlush, flush ? 1 : 0, 2);
    cursor.skip(2);
    cursor.u32(record.ttl);
  }
  const length = cursor.u16(record.length);
  const words = type === OPT ? "OPT" : `${typeName(type)}${flush ? ", cache flush" : ""}`;
  let data = "";
  if (length > 0) {
    const at = cursor.at;
    data = readRdata(cursor, type, { end: at + length, names: message.names, multicast: message.multicast });
    if (cursor.at > at + length) cursor.parent.problem = "malformed";
    cursor.at = at;
    cursor.skip(length);
  }
  message.say(data === "" ? words : `${words} ${data}`);
  const name =
    type === OPT
      ? `${text}: type OPT`
      : `${text}: type ${typeName(type)}, class ${className(message.multicast ? number & ~TOP_BIT : number)}`;
  return `${name}${flush ? ", cache flush" : ""}${data === "" ? "" : `, ${data}`}`;
}

/** An SRV record's name is service, protocol and the rest (RFC 2782). */
function addService(cursor: Cursor, name: string, from: number): void {
  const [service = "", protocol, ...rest] = name.split(".");
  cursor.add(record.service, service, from, cursor.at - from);
  if (protocol !== undefined) cursor.add(record.serviceProtocol, protocol, from, cursor.at - from);
  if (rest.length > 0) cursor.add(record.serviceName, rest.join("."), from, cursor.at - from);
}

/** What an OPT record has in place of class and TTL (RFC 6891 6.1.3). */
function readOptHeader(cursor: Cursor, { multicast }: Message): void {
  const size = cursor.peek16();
  cursor.bits(record.payloadSize, multicast ? size & ~TOP_BIT : size, 2);
  if (multicast) cursor.bits(record.cacheFlush, size >> 15, 2);
  cursor.skip(2);
  cursor.u8(record.extendedReplyCode);
  cursor.u8(record.ednsVersion);
  const z = cursor.peek16();
  cursor.parts(record.z, z, 2, () => {
    cursor.bits(record.dnssecOk, z >> 15, 2);
    cursor.bits(record.reserved, z & 0x7fff, 2);
  });
}
