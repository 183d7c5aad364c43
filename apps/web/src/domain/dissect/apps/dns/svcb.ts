import type { Cursor } from "../../cursor.ts";
import { ascii } from "../text.ts";
import { svcb } from "./fields.ts";
import { takeName, type Names } from "./name.ts";
import { svcParamKeys } from "./names.ts";

/** SVCB and HTTPS: priority, target, parameters up to `end` (RFC 9460 2.2). */
export function readSvcb(cursor: Cursor, end: number, names: Names): void {
  cursor.u16(svcb.priority);
  takeName(cursor, svcb.target, names);
  while (cursor.at < end) {
    const key = cursor.peek16();
    const group = cursor.group(svcb.parameter, null, () => {
      cursor.u16(svcb.key);
      const length = cursor.u16(svcb.length);
      cursor.within(length, () => readParameter(cursor, key));
    });
    group.summary = svcParamKeys.get(key) ?? `key${key}`;
  }
}

function readParameter(cursor: Cursor, key: number): void {
  switch (key) {
    case 0:
      while (cursor.left > 0) cursor.u16(svcb.mandatory);
      break;
    case 1:
      while (cursor.left > 0) {
        const length = cursor.u8(svcb.alpnLength);
        cursor.need(length);
        cursor.add(svcb.alpn, ascii(cursor.bytes, cursor.at, length), cursor.at, length);
        cursor.skip(length);
      }
      break;
    case 3:
      cursor.u16(svcb.port);
      break;
    case 4:
      while (cursor.left > 0) cursor.take(svcb.ipv4, 4);
      break;
    case 5:
      cursor.take(svcb.ech, cursor.left);
      break;
    case 6:
      while (cursor.left > 0) cursor.take(svcb.ipv6, 16);
      break;
    default:
      if (key !== 2 && cursor.left > 0) cursor.take(svcb.value, cursor.left);
  }
}
