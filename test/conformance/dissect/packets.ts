import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { CaptureFileError, CaptureReader, pcapHeader, pcapRecord } from "../../../packages/pcapfile/src/index.ts";

/** `from` names the file and the packet's number in it, for messages. */
export type FilePacket = {
  readonly from: string;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  readonly wireLen: number;
  readonly seconds: number;
  readonly nanoseconds: number;
};

/** The packets of a capture file, gzipped or not; of a damaged one those before the damage. */
export function readPackets(path: string): readonly FilePacket[] {
  const file = readFileSync(path);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const linkTypes: number[] = [];
  const packets: FilePacket[] = [];
  const reader = new CaptureReader({
    interface: (_id, { linkType }) => linkTypes.push(linkType),
    packet: ({ bytes, offset, capLen, interfaceId, ...rest }) =>
      packets.push({
        from: `${name} ${packets.length + 1}`,
        linkType: linkTypes[interfaceId] ?? -1,
        bytes: Uint8Array.from(bytes.subarray(offset, offset + capLen)),
        wireLen: rest.wireLen,
        seconds: rest.seconds,
        nanoseconds: rest.nanoseconds,
      }),
  });
  try {
    reader.push(file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file) : file);
    reader.end();
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
  }
  return packets;
}

/** One file's worth of packets of one link type. */
export function pcapOf(linkType: number, packets: readonly FilePacket[]): Uint8Array {
  return Buffer.concat([pcapHeader({ linkType, snaplen: 262_144 }), ...packets.map(pcapRecord)]);
}
