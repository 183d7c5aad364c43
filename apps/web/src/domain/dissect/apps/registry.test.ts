import { expect, test } from "vitest";
import { Cursor } from "../cursor.ts";
import { protocol } from "../fields.ts";
import { nodeOf } from "../tree.ts";
import { claimant, tcpHeuristics, udpHeuristics } from "./registry.ts";
import { concat, fromHex, fromText } from "./testing/payload.ts";

function claim(heuristics: typeof udpHeuristics, ports: readonly number[], bytes: Uint8Array): string | null {
  const parent = nodeOf(protocol("test", "Test", { ours: true }), null, 0, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor = new Cursor({ bytes, view, at: 0, end: bytes.length, wireEnd: bytes.length, parent, budget: { nodes: 0 } });
  return claimant(heuristics, ports, cursor)?.layer.name ?? null;
}

test("a payload is claimed by what it begins with, on any port", () => {
  expect(claim(tcpHeuristics, [9000, 50_000], fromText("GET / HTTP/1.1\r\n\r\n"))).toBe("http");
  expect(claim(tcpHeuristics, [9000, 50_000], fromHex("1503030002 0100"))).toBe("tls");
  expect(claim(tcpHeuristics, [22, 50_000], fromText("SSH-2.0-x\r\n"))).toBe("ssh");
  expect(claim(udpHeuristics, [9000, 50_000], fromHex("0001 0100 0001 0000 0000 0000 0161 00 0001 0001"))).toBe("dns");
  expect(claim(tcpHeuristics, [9000, 50_000], new Uint8Array(64))).toBeNull();
  expect(claim(udpHeuristics, [443, 50_000], new Uint8Array(64))).toBeNull();
});

test("where the beginning says little, only on the protocol's ports", () => {
  const preface = fromText("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  expect(claim(tcpHeuristics, [8080, 50_000], preface)).toBe("http2");
  expect(claim(tcpHeuristics, [9000, 50_000], preface)).toBeNull();
  const short = concat(fromHex("40"), new Uint8Array(40));
  expect(claim(udpHeuristics, [443, 50_000], short)).toBe("quic");
  expect(claim(udpHeuristics, [9000, 50_000], short)).toBeNull();
  const boot = concat(new Uint8Array(236), fromHex("63825363 ff"));
  expect(claim(udpHeuristics, [4011, 50_000], boot)).toBe("dhcp");
  expect(claim(udpHeuristics, [9000, 50_000], boot)).toBeNull();
});
