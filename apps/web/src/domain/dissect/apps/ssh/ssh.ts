import { latin1 } from "../../cursor.ts";
import { protocol, textField } from "../../fields.ts";
import type { Dissector } from "../../types.ts";
import { ascii } from "../text.ts";

/** Longest line of identification, with its end (RFC 4253 4.2). */
const MAX_BYTES = 255;
const LF = 10;
const CR = 13;

const field = textField("ssh.protocol", "Protocol");

/** The line by which either end of SSH says what it is (RFC 4253 4.2); what follows is told by no packet alone. */
export const ssh: Dissector = {
  layer: protocol("ssh", "SSH"),
  fields: [field],
  read(cursor, layer, context) {
    const found = cursor.bytes.subarray(cursor.at, Math.min(cursor.end, cursor.at + MAX_BYTES)).indexOf(LF);
    const length = found < 0 ? cursor.wireEnd - cursor.at : found + 1;
    cursor.need(length);
    const textLength = found > 0 && cursor.bytes[cursor.at + found - 1] === CR ? found - 1 : Math.max(0, found);
    const text = ascii(cursor.bytes, cursor.at, found < 0 ? length : textLength);
    context.protocol = /^SSH-2|^SSH-1\.99/.test(text) ? "SSHv2" : "SSHv1";
    context.info = `Protocol (${text})`;
    layer.summary = text;
    cursor.add(field, text, cursor.at, length);
    cursor.skip(length);
    if (cursor.at >= cursor.wireEnd) return null;
    return { dissector: context.tables.data, at: cursor.at, end: cursor.end, wireEnd: cursor.wireEnd };
  },
};

export const looksLikeSsh = (bytes: Uint8Array, at: number, end: number): boolean =>
  end - at >= 8 && end - at <= MAX_BYTES && /^SSH-[12]\.\d/.test(latin1(bytes, at, 8));
