import type { Cursor } from "../../cursor.ts";
import { ascii } from "../text.ts";
import { content } from "./fields.ts";
import { peekLine } from "./line.ts";

/** Most lines of a trailer. */
const MAX_LINES = 100;

/** A body in chunks (RFC 9112 7.1), as far as they are whole; what is left after that is the caller's. True: it ended. */
export function readChunks(cursor: Cursor): boolean {
  for (;;) {
    const line = peekLine(cursor);
    const size = line === null || line.end === line.textEnd ? NaN : parseInt(line.text.split(";")[0] ?? "", 16);
    if (line === null || Number.isNaN(size) || size < 0 || size > cursor.wireEnd - line.end) return false;
    cursor.group(content.chunk, null, (group) => {
      group.summary = size === 0 ? "last" : `${size} ${size === 1 ? "byte" : "bytes"}`;
      cursor.add(content.chunkSize, size, line.at, line.end - line.at);
      cursor.at = line.end;
      if (size === 0) return;
      cursor.take(content.chunkData, size);
      cursor.take(content.chunkBoundary, 2);
    });
    if (size === 0) {
      readTrailer(cursor);
      return true;
    }
  }
}

/** Headers behind the last chunk, up to an empty line. */
function readTrailer(cursor: Cursor): void {
  const from = cursor.at;
  for (let count = 0; count < MAX_LINES; count++) {
    const line = peekLine(cursor);
    if (line === null) break;
    if (line.text === "") {
      addTrailer(cursor, from);
      cursor.at = line.end;
      return;
    }
    cursor.at = line.end;
  }
  addTrailer(cursor, from);
}

function addTrailer(cursor: Cursor, from: number): void {
  const length = cursor.at - from;
  if (length > 0) cursor.add(content.trailer, ascii(cursor.bytes, from, length), from, length);
}
