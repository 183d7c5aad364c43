import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CaptureReader } from "@sonde/pcapfile";
import type { Lab } from "./netns.ts";

/** By the name of their interface, in the order of the file: length on the wire and captured bytes of each packet. */
export function packetsOf(file: string): Map<string, string[]> {
  const names: string[] = [];
  const found = new Map<string, string[]>();
  const reader = new CaptureReader({
    interface: (_id, { name }) => names.push(name ?? ""),
    packet: ({ interfaceId, wireLen, bytes, offset, capLen }) => {
      const name = names[interfaceId] ?? "?";
      const text = `${wireLen} ${Buffer.from(bytes.subarray(offset, offset + capLen)).toString("hex")}`;
      found.set(name, [...(found.get(name) ?? []), text]);
    },
  });
  reader.push(readFileSync(file));
  reader.end();
  return found;
}

/** Names of the programs attached to a wire of a host. */
export function attachedIn(lab: Lab, host: string, wire: string): string[] {
  const tool = fileURLToPath(new URL("../../packages/bpf/build/attachments", import.meta.url));
  return lab.run(host, [tool, wire]).split("\n").filter(Boolean);
}
