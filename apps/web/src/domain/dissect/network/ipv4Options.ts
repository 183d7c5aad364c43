import type { Cursor } from "../cursor.ts";
import { bool, bytesField, ipv4Field, uint } from "../fields.ts";

/** IANA ip-parameters. */
const numberNames: ReadonlyMap<number, string> = new Map([
  [0, "End of options"],
  [1, "No operation"],
  [2, "Security"],
  [3, "Loose source route"],
  [4, "Timestamp"],
  [7, "Record route"],
  [9, "Strict source route"],
  [20, "Router alert"],
]);
const classNames: ReadonlyMap<number, string> = new Map([
  [0, "Control"],
  [2, "Debugging and measurement"],
]);
const fields = {
  type: uint("ip.opt.type", "Option"),
  copy: bool("ip.opt.type.copy", "Copy to fragments"),
  class: uint("ip.opt.type.class", "Class", { names: classNames }),
  number: uint("ip.opt.type.number", "Number", { names: numberNames }),
  length: uint("ip.opt.len", "Length"),
  pointer: uint("ip.opt.ptr", "Pointer"),
  alert: uint("ip.opt.ra", "Router alert"),
  route: ipv4Field("ip.rec_rt", "Recorded route"),
  data: bytesField("ip.options.data", "Data", { ours: true }),
};
export const ipv4OptionFields = Object.values(fields);

/** Options up to the end of the cursor (RFC 791 3.1, RFC 2113). One of no sound length ends them: what follows the header is known all the same. */
export function readIpv4Options(cursor: Cursor): void {
  while (cursor.left > 0) {
    const type = cursor.peek8();
    const whole = type <= 1 ? 1 : cursor.left < 2 ? 0 : cursor.peek8(1);
    if (whole < (type <= 1 ? 1 : 2) || whole > cursor.wireEnd - cursor.at) return;
    cursor.parts(fields.type, type, 1, () => {
      cursor.bits(fields.copy, type >> 7, 1);
      cursor.bits(fields.class, (type >> 5) & 3, 1);
      cursor.bits(fields.number, type & 31, 1);
    });
    if (type === 0) return;
    if (type === 1) continue;
    const length = cursor.u8(fields.length);
    cursor.within(length - 2, () => readOption(cursor, type & 31));
  }
}

function readOption(cursor: Cursor, number: number): void {
  if (number === 20 && cursor.left === 2) cursor.u16(fields.alert);
  else if ((number === 3 || number === 7 || number === 9) && cursor.left > 0) {
    const pointer = cursor.u8(fields.pointer);
    // the pointer counts from the option's first byte, and from 1
    const used = Math.floor((pointer - 4) / 4);
    for (let i = 0; number === 7 && i < used && cursor.left >= 4; i++) cursor.take(fields.route, 4);
    if (cursor.left > 0) cursor.take(fields.data, cursor.left);
  } else if (cursor.left > 0) cursor.take(fields.data, cursor.left);
}
