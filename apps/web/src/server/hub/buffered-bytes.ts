/**
 * Bytes handed to a connection and not yet taken by the kernel: what waits in engine.io's queue and in the WebSocket
 * (ws: `bufferedAmount`). engine.io publishes no such number, so its parts are looked at with care.
 */
export function bufferedBytes(connection: unknown): number {
  let sum = 0;
  const queue = field(connection, "writeBuffer");
  if (Array.isArray(queue)) for (const packet of queue) sum += sizeOf(field(packet, "data"));
  const amount = field(field(field(connection, "transport"), "socket"), "bufferedAmount");
  return typeof amount === "number" ? sum + amount : sum;
}

/** Ends a connection at once: ws would wait half a minute for a peer that does not read to say goodbye (its `terminate`). */
export function cutOff(connection: unknown): void {
  const socket = field(field(connection, "transport"), "socket");
  const terminate = field(socket, "terminate");
  if (typeof terminate === "function") terminate.call(socket);
}

function field(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null && name in of ? Reflect.get(of, name) : undefined;
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return data instanceof Uint8Array || data instanceof ArrayBuffer ? data.byteLength : 0;
}
