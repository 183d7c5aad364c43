import type { Cursor } from "../../cursor.ts";
import { protocol } from "../../fields.ts";
import type { Dissector, Next } from "../../types.ts";
import { ascii } from "../text.ts";
import { readChunks } from "./chunks.ts";
import { content, headers, httpFields, request, response } from "./fields.ts";
import { looksLikeHttp, peekLine, type Line } from "./line.ts";
import { readStart, type Start } from "./start.ts";

/** A method of UPnP (UPnP Device Architecture 1.0, 1.1.2). */
const NOTIFY = "NOTIFY";
/** Most lines of headers; servers take a hundred or so. */
const MAX_HEADERS = 1_000;
const SPACE = 0x20;
const TAB = 0x09;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What of the headers decides where the body ends, and what the list says. */
type Head = { length: number | null; chunked: boolean; host: string | null; type: string | null };

const dissector = (name: string, label: string, shown: string): Dissector => {
  const self: Dissector = {
    layer: protocol(name, label),
    fields: httpFields,
    read(cursor, layer, context) {
      const line = peekLine(cursor);
      if (line === null || !looksLikeHttp(cursor.bytes, cursor.at, cursor.end)) return at(cursor, context.tables.data);
      context.protocol = shown;
      context.info = line.text;
      layer.summary = line.text;
      const start = readStart(cursor, line);
      const head: Head = { length: null, chunked: false, host: null, type: null };
      const ended = readHeaders(cursor, start, head);
      addFacts(cursor, start, head);
      if (start.kind === "response" && head.type !== null) context.info = `${line.text} (${head.type})`;
      if (!ended || cursor.at >= cursor.wireEnd) return null;
      return readBody(cursor, start, head) ? at(cursor, self) : null;
    },
  };
  return self;
};

/** HTTP/1 (RFC 9112); what follows a message in the same segment is a layer of its own. */
export const http = dissector("http", "Hypertext Transfer Protocol", "HTTP");
/** HTTP over UDP (UPnP Device Architecture 1.0, 1). */
export const ssdp = dissector("ssdp", "Simple Service Discovery Protocol", "SSDP");

const at = (cursor: Cursor, next: Dissector): Next => ({ dissector: next, at: cursor.at, end: cursor.end, wireEnd: cursor.wireEnd });

/** True once the empty line behind them was read. */
function readHeaders(cursor: Cursor, start: Start, head: Head): boolean {
  for (let count = 0; count < MAX_HEADERS; count++) {
    const line = peekLine(cursor);
    if (line === null) return false;
    if (line.text === "" && line.end > line.at) {
      cursor.at = line.end;
      return true;
    }
    readHeader(cursor, line, start, head);
  }
  return cursor.malformed();
}

function readHeader(cursor: Cursor, line: Line, start: Start, head: Head): void {
  const { bytes } = cursor;
  const colon = line.text.indexOf(":");
  const lineField = start.kind === "response" ? response.line : start.method === NOTIFY ? content.line : request.line;
  if (colon < 0) {
    cursor.at = line.end;
    return;
  }
  const name = line.text.slice(0, colon);
  const field = TOKEN.test(name) ? headers.get(name.toLowerCase()) : undefined;
  let from = line.at + colon + 1;
  while (from < line.textEnd && (bytes[from] === SPACE || bytes[from] === TAB)) from++;
  const value = ascii(bytes, from, line.textEnd - from);
  cursor.parts(lineField, ascii(bytes, line.at, line.end - line.at), line.end - line.at, () => {
    if (field === undefined) return;
    cursor.add(field, value, from, line.textEnd - from);
    const length = name.toLowerCase() === "content-length" && /^\d{1,15}(?:\s|$)/.test(value) ? parseInt(value, 10) : null;
    if (length !== null) cursor.add(content.length, length, from, line.textEnd - from);
    if (field.name === "http.cookie") addCookies(cursor, value, from);
    note(head, field.name, value, length);
  });
}

function note(head: Head, name: string, value: string, length: number | null): void {
  if (length !== null) head.length = length;
  if (name === "http.transfer_encoding") head.chunked = /(?:^|,)\s*chunked\s*$/i.test(value);
  if (name === "http.host") head.host = value.trim();
  if (name === "http.content_type") head.type = value.split(";")[0]?.trim().toLowerCase() ?? null;
}

function addCookies(cursor: Cursor, value: string, from: number): void {
  let next = from;
  for (const part of value.split(";", MAX_HEADERS)) {
    const pair = part.trim();
    if (pair !== "") cursor.add(content.cookiePair, pair, next + part.indexOf(pair), pair.length);
    next += part.length + 1;
  }
}

function addFacts(cursor: Cursor, start: Start, { host }: Head): void {
  if (start.kind === "response") {
    cursor.generated(response.is, 1);
    return;
  }
  const whole = /^https?:\/\//i.test(start.uri) || start.method === "CONNECT";
  if (host !== null) cursor.generated(request.fullUri, whole ? start.uri : `http://${host}${start.uri}`);
  cursor.generated(start.method === NOTIFY ? content.notification : request.is, 1);
}

/** Reads the body, as much as is here; true where another message may follow (RFC 9112 6.3). */
function readBody(cursor: Cursor, start: Start, head: Head): boolean {
  if (start.kind === "response" && (start.code < 200 || start.code === 204 || start.code === 304)) return true;
  if (head.chunked) {
    if (readChunks(cursor)) return cursor.at < cursor.wireEnd;
    takeBody(cursor, cursor.wireEnd - cursor.at);
    return false;
  }
  if (start.kind === "request" && head.length === null) return true;
  const rest = cursor.wireEnd - cursor.at;
  const length = Math.min(head.length ?? rest, rest);
  takeBody(cursor, length);
  return length < rest;
}

function takeBody(cursor: Cursor, length: number): void {
  if (length > 0) cursor.take(content.body, length);
}
