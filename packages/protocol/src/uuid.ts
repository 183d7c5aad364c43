/** Text form (RFC 9562, lower case) of the 16 bytes at `at`. */
export function uuidFromBytes(view: DataView, at: number): string {
  let hex = "";
  for (let i = 0; i < 16; i++)
    hex += view
      .getUint8(at + i)
      .toString(16)
      .padStart(2, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Writes a UUID's 16 bytes at `at`. Throws RangeError when `uuid` is not 32 hex digits. */
export function uuidToBytes(uuid: string, view: DataView, at: number): void {
  const hex = uuid.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new RangeError(`not a UUID: ${uuid.slice(0, 40)}`);
  for (let i = 0; i < 16; i++) view.setUint8(at + i, Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}
