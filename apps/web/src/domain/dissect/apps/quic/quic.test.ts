import { createCipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fuzzDissector } from "../../../../../../../test/support/fuzz-dissector.ts";
import { concat, dissectPayload, fromHex, fromText, number, valuesOf } from "../testing/payload.ts";
import { extension, message, vector } from "../testing/tls.ts";
import { looksLikeQuic, quic } from "./quic.ts";

/** RFC 9001 A.1: what a client's Initial packets to this ID are sealed with. */
const DCID = fromHex("8394c8f03e515708");
const KEY = fromHex("1f369613dd76d5467730efcbe3b1a22d");
const IV = fromHex("fa044b2f42a3fd3b46fb255c");
const HP = fromHex("9f50449e04a0e810283a1e9933adedd2");

const RANDOM = Uint8Array.from({ length: 32 }, (_, i) => i);
const hello = message(
  1,
  concat(
    number(0x0303, 2),
    RANDOM,
    vector(1),
    vector(2, fromHex("1301")),
    vector(1, fromHex("00")),
    vector(2, extension(0, vector(2, number(0, 1), vector(2, fromText("example.org")))), extension(57, fromHex("01 02 4064 0f 00"))),
  ),
);
const crypto = (offset: number, data: Uint8Array): Uint8Array =>
  concat(fromHex("06"), number(0x4000 + offset, 2), number(0x4000 + data.length, 2), data);

/** An Initial packet of version 1 with a packet number of 4 bytes (RFC 9001 5.3, 5.4). */
function initial(frames: Uint8Array, packetNumber = 2): Uint8Array {
  const tail = concat(number(packetNumber, 4));
  const header = concat(fromHex("c3 00000001"), vector(1, DCID), fromHex("00 00"), number(0x4000 + 4 + frames.length + 16, 2), tail);
  const nonce = Uint8Array.from(IV);
  nonce[11] = (nonce[11] ?? 0) ^ packetNumber;
  const cipher = createCipheriv("aes-128-gcm", KEY, nonce);
  cipher.setAAD(header);
  const packet = concat(header, cipher.update(frames), cipher.final(), cipher.getAuthTag());
  const numberAt = header.length - 4;
  const mask = createCipheriv("aes-128-ecb", HP, null).update(packet.subarray(numberAt + 4, numberAt + 20));
  packet[0] = (packet[0] ?? 0) ^ ((mask[0] ?? 0) & 0x0f);
  for (let i = 0; i < 4; i++) packet[numberAt + i] = (packet[numberAt + i] ?? 0) ^ (mask[i + 1] ?? 0);
  return packet;
}

const whole = initial(concat(crypto(0, hello), new Uint8Array(900)));
/** RFC 9001 A.4 and A.5. */
const retry = fromHex("ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba");
const short = fromHex("4cfe4189655e5cd55c41f69080575d7999c25a5bfb");
const negotiation = fromHex("aa 00000000 08 f067a5502a4262b5 00 00000001 6b3343cf");
const handshake = concat(fromHex("e3 00000001 00 08 f067a5502a4262b5 4014"), RANDOM.subarray(0, 20));

describe("QUIC", () => {
  test("a client's first packet is opened: frames, and the Client Hello in them", () => {
    const dissection = dissectPayload(quic, whole);
    expect(dissection.layers[0]?.problem).toBeNull();
    expect(dissection.info).toBe("Initial, DCID=8394c8f03e515708, PKN: 2, CRYPTO, PADDING, Client Hello (SNI=example.org)");
    expect(valuesOf(dissection, "quic.packet_number_length")).toEqual([3]);
    expect(valuesOf(dissection, "quic.frame_type")).toEqual([6, 0]);
    expect(valuesOf(dissection, "quic.padding_length")).toEqual([900]);
    expect(valuesOf(dissection, "tls.handshake.extensions_server_name")).toEqual(["example.org"]);
    expect(valuesOf(dissection, "tls.quic.parameter.type")).toEqual([1, 15]);
    expect(valuesOf(dissection, "tls.quic.parameter.value")).toEqual([fromHex("4064"), new Uint8Array()]);
  });

  test("a Client Hello in pieces out of order is put together", () => {
    const [head, tail] = [hello.subarray(0, 40), hello.subarray(40)];
    const dissection = dissectPayload(quic, initial(concat(crypto(40, tail), fromHex("01"), crypto(0, head))));
    expect(dissection.info).toContain("CRYPTO, PING, CRYPTO, Client Hello (SNI=example.org)");
    const begun = dissectPayload(quic, initial(crypto(0, hello.subarray(0, hello.length - 3))));
    expect(valuesOf(begun, "tls.handshake.type")).toEqual([]);
    expect(valuesOf(begun, "tls.begun.server_name")).toEqual(["example.org"]);
  });

  test("one that another key sealed stays closed", () => {
    const changed = Uint8Array.from(whole);
    changed[6] = (changed[6] ?? 0) ^ 1; // a connection ID that it was not sealed for
    const dissection = dissectPayload(quic, changed);
    expect(valuesOf(dissection, "quic.packet_number")).toEqual([]);
    expect(valuesOf(dissection, "quic.sealed")).toHaveLength(1);
  });

  test("version negotiation, retry, handshake, short header", () => {
    expect(valuesOf(dissectPayload(quic, negotiation), "quic.supported_version")).toEqual([1, 0x6b3343cf]);
    const again = dissectPayload(quic, retry);
    expect(valuesOf(again, "quic.retry_token")).toEqual([fromText("token")]);
    expect(valuesOf(again, "quic.retry_integrity_tag")).toEqual([fromHex("04a265ba2eff4d829058fb3f0f2496ba")]);
    expect(again.info).toBe("Retry, SCID=f067a5502a4262b5");
    expect(valuesOf(dissectPayload(quic, short), "quic.header_form")).toEqual([0]);
    const several = dissectPayload(quic, concat(handshake, short));
    expect(several.info).toBe("Handshake, SCID=f067a5502a4262b5; Protected Payload");
    expect(valuesOf(several, "quic.packet_length")).toEqual([handshake.length, short.length]);
  });

  test("is told from other payloads by its version", () => {
    const claims = (bytes: Uint8Array): boolean => looksLikeQuic(bytes, 0, bytes.length);
    expect([whole, retry, negotiation, handshake].map(claims)).toEqual([true, true, true, true]);
    expect(claims(short)).toBe(false);
    expect(claims(new Uint8Array(60).fill(0xc0))).toBe(false);
  });

  test("nothing is thrown, and no range lies outside", () => {
    expect(fuzzDissector(quic, [whole, retry, negotiation, concat(handshake, short)])).toEqual([]);
  });

  test("frames from anyone who seals them are as hostile", () => {
    const frames = [crypto(0, hello), fromHex("03 05 00 01 00 00 00 01 02 03"), fromHex("1c 0a 06 03 627965")];
    const samples = frames.map((frame) => initial(concat(frame, new Uint8Array(40))));
    for (const sample of samples) expect(dissectPayload(quic, sample).layers[0]?.problem).toBeNull();
    const broken = [fromHex("06 7fff 7fff"), fromHex("02 00 00 bfffffff 00"), fromHex("07")];
    for (const frame of broken) {
      const dissection = dissectPayload(quic, initial(concat(crypto(0, hello), frame, new Uint8Array(40))));
      expect(valuesOf(dissection, "quic.sealed")).toHaveLength(1);
    }
  });
});
