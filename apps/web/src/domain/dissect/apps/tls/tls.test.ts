import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fuzzDissector } from "../../../../../../../test/support/fuzz-dissector.ts";
import { concat, dissectPayload, fromHex, fromText, number, valuesOf } from "../testing/payload.ts";
import { extension, message, record, vector } from "../testing/tls.ts";
import { looksLikeTls, tls } from "./tls.ts";

const RANDOM = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const clientHello = message(
  1,
  concat(
    number(0x0303, 2),
    RANDOM,
    vector(1, fromHex("aabbccdd")),
    vector(2, fromHex("1301 1302 c02f")),
    vector(1, fromHex("00")),
    vector(
      2,
      extension(0, vector(2, number(0, 1), vector(2, fromText("www.example.org")))),
      extension(10, vector(2, fromHex("001d 0017"))),
      extension(11, vector(1, fromHex("00"))),
      extension(13, vector(2, fromHex("0403 0804"))),
      extension(16, vector(2, vector(1, fromText("h2")), vector(1, fromText("http/1.1")))),
      extension(43, vector(1, fromHex("0304 0303"))),
      extension(45, vector(1, fromHex("01"))),
      extension(51, vector(2, number(29, 2), vector(2, RANDOM))),
      extension(65281, vector(1)),
      extension(35, new Uint8Array()),
      extension(0x0a0a, new Uint8Array()),
    ),
  ),
);
const serverHello = (selected: Uint8Array): Uint8Array =>
  message(2, concat(number(0x0303, 2), RANDOM, vector(1), fromHex("1301 00"), vector(2, selected)));
const modern = serverHello(concat(extension(43, fromHex("0304")), extension(51, concat(number(29, 2), vector(2, RANDOM)))));
const certificate = message(11, vector(3, vector(3, fromHex("3082")), vector(3, fromHex("3083"))));
const serverKey = message(12, concat(fromHex("03 001d"), vector(1, RANDOM), fromHex("0804"), vector(2, fromHex("01020304"))));
const request = message(13, concat(vector(1, fromHex("01 40")), vector(2, fromHex("0403")), vector(2)));
const old = concat(record(22, concat(serverHello(new Uint8Array()), certificate, serverKey, request, message(14, new Uint8Array()))));

describe("TLS", () => {
  test("a Client Hello with its extensions", () => {
    const dissection = dissectPayload(tls, record(22, clientHello, 0x0301));
    expect(dissection.layers[0]?.problem).toBeNull();
    expect([dissection.protocol, dissection.info]).toEqual(["TLSv1", "Client Hello (SNI=www.example.org)"]);
    expect(valuesOf(dissection, "tls.record.content_type")).toEqual([22]);
    expect(valuesOf(dissection, "tls.handshake.extensions_server_name")).toEqual(["www.example.org"]);
    expect(valuesOf(dissection, "tls.handshake.ciphersuite")).toEqual([0x1301, 0x1302, 0xc02f]);
    expect(valuesOf(dissection, "tls.handshake.extensions_alpn_str")).toEqual(["h2", "http/1.1"]);
    expect(valuesOf(dissection, "tls.handshake.extensions.supported_version")).toEqual([0x0304, 0x0303]);
    expect(valuesOf(dissection, "tls.handshake.extension.type")).toEqual([0, 10, 11, 13, 16, 43, 45, 51, 65281, 35, 0x0a0a]);
    expect(valuesOf(dissection, "tls.handshake.sig_hash_hash")).toEqual([4, 8]);
    const ja3 = "771,4865-4866-49199,0-10-11-13-16-43-45-51-65281-35,29-23,0";
    expect(valuesOf(dissection, "tls.handshake.ja3_full")).toEqual([ja3]);
    expect(valuesOf(dissection, "tls.handshake.ja3")).toEqual([createHash("md5").update(ja3).digest("hex")]);
    expect(valuesOf(dissection, "tls.handshake.extensions_key_share_key_exchange")).toEqual([RANDOM]);
  });

  test("a Server Hello that agrees on TLS 1.3, and what follows it", () => {
    const dissection = dissectPayload(tls, concat(record(22, modern), record(20, fromHex("01")), record(23, RANDOM)));
    expect([dissection.protocol, dissection.info]).toEqual(["TLSv1.3", "Server Hello, Change Cipher Spec, Application Data"]);
    expect(valuesOf(dissection, "tls.record.content_type")).toEqual([22, 20]);
    expect(valuesOf(dissection, "tls.record.opaque_type")).toEqual([23]);
    expect(valuesOf(dissection, "tls.handshake.random_time")).toEqual([]);
    expect(valuesOf(dissection, "tls.app_data")).toEqual([RANDOM]);
  });

  test("the server's flight of TLS 1.2", () => {
    const dissection = dissectPayload(tls, old);
    expect(dissection.layers[0]?.problem).toBeNull();
    expect(dissection.info).toBe("Server Hello, Certificate, Server Key Exchange, Certificate Request, Server Hello Done");
    expect(valuesOf(dissection, "tls.handshake.certificate")).toEqual([fromHex("3082"), fromHex("3083")]);
    expect(valuesOf(dissection, "tls.handshake.server_named_curve")).toEqual([29]);
    expect(valuesOf(dissection, "tls.handshake.sig")).toEqual([fromHex("01020304")]);
    expect(valuesOf(dissection, "tls.handshake.sig_hash_alg")).toEqual([0x0804, 0x0403]);
    expect(valuesOf(dissection, "tls.handshake.random_time")).toEqual([0x01020304n * 1_000_000_000n]);
    expect(valuesOf(dissection, "tls.handshake.cert_type")).toEqual([1, 64]);
  });

  test("alerts in the clear and encrypted, a handshake that is encrypted", () => {
    const alert = dissectPayload(tls, record(21, fromHex("02 28")));
    expect(alert.info).toBe("Alert (Level: Fatal, Description: Handshake Failure)");
    expect(valuesOf(alert, "tls.alert_message.desc")).toEqual([40]);
    expect(dissectPayload(tls, record(21, RANDOM)).info).toBe("Encrypted Alert");
    expect(dissectPayload(tls, record(22, fromHex("0000000000000000 ffee00112233445566"))).info).toBe("Encrypted Handshake Message");
  });

  test("a Client Hello that goes on in a later segment tells the name it asks for", () => {
    const whole = record(22, clientHello);
    const dissection = dissectPayload(tls, whole.subarray(0, whole.length - 20));
    expect(dissection.info).toBe("Client Hello (SNI=www.example.org), begun");
    expect(valuesOf(dissection, "tls.handshake.type")).toEqual([]);
    expect(valuesOf(dissection, "tls.begun.server_name")).toEqual(["www.example.org"]);
  });

  test("cut by the capture it is read as far as it goes", () => {
    const whole = record(22, clientHello);
    const dissection = dissectPayload(tls, whole.subarray(0, 70), whole.length);
    expect(dissection.layers[0]?.problem).toBe("cut");
    expect(valuesOf(dissection, "tls.handshake.session_id")).toEqual([fromHex("aabbccdd")]);
  });

  test("a message over several records", () => {
    const dissection = dissectPayload(tls, concat(record(22, clientHello.subarray(0, 60)), record(22, clientHello.subarray(60))));
    expect(dissection.info).toBe("Client Hello (fragment)");
    expect(valuesOf(dissection, "tls.record.length")).toEqual([60, clientHello.length - 60]);
  });

  test("is told from other payloads by what it begins with", () => {
    const claims = (bytes: Uint8Array): boolean => looksLikeTls(bytes, 0, bytes.length);
    expect(claims(record(22, clientHello))).toBe(true);
    expect(claims(record(21, fromHex("0100")))).toBe(true);
    expect(claims(concat(record(21, fromHex("0100")), fromHex("00")))).toBe(false);
    expect(claims(fromText("GET / HTTP/1.1\r\n"))).toBe(false);
  });

  test("nothing is thrown, and no range lies outside", () => {
    const samples = [record(22, clientHello), concat(record(22, modern), record(20, fromHex("01")), record(23, RANDOM)), old];
    expect(fuzzDissector(tls, samples)).toEqual([]);
  });
});
