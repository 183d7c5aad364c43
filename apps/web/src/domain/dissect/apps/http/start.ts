import type { Cursor } from "../../cursor.ts";
import { ascii } from "../text.ts";
import { content, request, response, statusTexts } from "./fields.ts";
import type { Line } from "./line.ts";

/** What the start line says. */
export type Start =
  | { readonly kind: "request"; readonly method: string; readonly uri: string }
  | { readonly kind: "response"; readonly code: number };

/** Reads the first line of a message (RFC 9112 3, 4). */
export function readStart(cursor: Cursor, line: Line): Start {
  let start: Start = { kind: "response", code: 0 };
  const group = cursor.group(content.start, null, () => {
    start = line.text.startsWith("HTTP/") ? readStatusLine(cursor, line) : readRequestLine(cursor, line);
    cursor.at = line.end;
  });
  group.summary = line.text;
  return start;
}

/** The parts of a line between spaces, each with where it begins; the last takes the rest. */
function partsOf({ at, textEnd }: Line, bytes: Uint8Array): readonly (readonly [number, number])[] {
  const parts: [number, number][] = [];
  let from = at;
  for (let i = 0; i < 2; i++) {
    let to = from;
    while (to < textEnd && bytes[to] !== 0x20) to++;
    parts.push([from, to - from]);
    from = to;
    while (from < textEnd && bytes[from] === 0x20) from++;
  }
  parts.push([from, textEnd - from]);
  return parts;
}

function readRequestLine(cursor: Cursor, line: Line): Start {
  const { bytes } = cursor;
  const [method = [0, 0], uri = [0, 0], version = [0, 0]] = partsOf(line, bytes);
  const word = ascii(bytes, ...method);
  const target = ascii(bytes, ...uri);
  cursor.add(request.method, word, ...method);
  cursor.add(request.uri, target, ...uri);
  addQuery(cursor, target, uri[0]);
  cursor.add(request.version, ascii(bytes, ...version), ...version);
  return { kind: "request", method: word, uri: target };
}

/** Path and query, where there is one. */
function addQuery(cursor: Cursor, uri: string, at: number): void {
  const mark = uri.indexOf("?");
  if (mark < 0 || mark === uri.length - 1) return;
  const query = uri.slice(mark + 1);
  let from = at + mark + 1;
  cursor.add(request.path, uri.slice(0, mark), at, mark);
  cursor.add(request.query, query, from, query.length);
  for (const parameter of query.split("&")) {
    if (parameter !== "") cursor.add(request.parameter, parameter, from, parameter.length);
    from += parameter.length + 1;
  }
}

function readStatusLine(cursor: Cursor, line: Line): Start {
  const { bytes } = cursor;
  const [version = [0, 0], status = [0, 0], phrase = [0, 0]] = partsOf(line, bytes);
  cursor.add(response.version, ascii(bytes, ...version), ...version);
  const code = Number(ascii(bytes, status[0], 3));
  if (status[1] < 3 || !Number.isInteger(code)) return { kind: "response", code: 0 };
  cursor.add(response.code, code, status[0], 3);
  cursor.add(response.description, statusTexts.get(code) ?? `Unknown (${code})`, status[0], 3);
  if (phrase[1] > 0) cursor.add(response.phrase, ascii(bytes, ...phrase), ...phrase);
  return { kind: "response", code };
}
