import { describe, expect, test } from "vitest";
import { fuzzDissector } from "../../../../../../../test/support/fuzz-dissector.ts";
import { concat, dissectPayload, fromHex, fromText, number, valuesOf } from "../testing/payload.ts";
import { newTable, readBlock } from "./hpack.ts";
import { http2, looksLikeHttp2 } from "./http2.ts";
import { decodeHuffman } from "./huffman.ts";

const PREFACE = fromText("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const frame = (type: number, flags: number, stream: number, body: Uint8Array): Uint8Array =>
  concat(number(body.length, 3), number(type, 1), number(flags, 1), number(stream, 4), body);
/** RFC 7541 C.4.1: GET http://www.example.com/ with Huffman coding. */
const request = fromHex("828684418cf1e3c2e5f23a6ba0ab90f4ff");
/** C.4.2, which takes the authority from the table that C.4.1 left. */
const second = fromHex("828684be5886a8eb10649cbf");
const settings = frame(4, 0, 0, fromHex("0003 00000064 0004 0000ffff"));
const others = concat(
  frame(0, 0x09, 1, fromHex("02 6869 0000")),
  frame(2, 0, 3, fromHex("80000001 0f")),
  frame(3, 0, 3, number(8, 4)),
  frame(6, 1, 0, number(7, 8)),
  frame(7, 0, 0, concat(number(5, 4), number(1, 4), fromText("bye"))),
  frame(8, 0, 1, number(65_535, 4)),
);

describe("HTTP/2", () => {
  test("the preface, settings, and a request", () => {
    const dissection = dissectPayload(http2, concat(PREFACE, settings, frame(1, 0x05, 1, request)));
    expect(dissection.layers[0]?.problem).toBeNull();
    expect(dissection.info).toBe("Magic, SETTINGS[0], HEADERS[1]: GET /");
    expect(valuesOf(dissection, "http2.settings.max_concurrent_streams")).toEqual([100]);
    expect(valuesOf(dissection, "http2.header.name")).toEqual([":method", ":scheme", ":path", ":authority"]);
    expect(valuesOf(dissection, "http2.header.value")).toEqual(["GET", "http", "/", "www.example.com"]);
    expect(valuesOf(dissection, "http2.request.full_uri")).toEqual(["http://www.example.com/"]);
    expect(valuesOf(dissection, "http2.flags.end_stream")).toEqual([1]);
  });

  test("headers from the table of the same packet are known, those of an earlier one are said not to be", () => {
    const both = dissectPayload(http2, concat(frame(1, 0x05, 1, request), frame(1, 0x05, 3, second)));
    expect(valuesOf(both, "http2.headers.authority")).toEqual(["www.example.com", "www.example.com"]);
    expect(valuesOf(both, "http2.headers.cache_control")).toEqual(["no-cache"]);
    const alone = dissectPayload(http2, frame(1, 0x05, 3, second));
    expect(valuesOf(alone, "http2.header.name")).toEqual([]);
    expect(valuesOf(alone, "http2.part.name")).toEqual([":method", ":scheme", ":path", "cache-control"]);
    expect(valuesOf(alone, "http2.part.index")).toEqual([2, 6, 4, 62, 24]);
  });

  test("every other frame", () => {
    const dissection = dissectPayload(http2, others);
    expect(dissection.info).toBe("DATA[1], PRIORITY[3], RST_STREAM[3]: CANCEL, PING[0]: ACK, GOAWAY[0]: PROTOCOL_ERROR, WINDOW_UPDATE[1]");
    expect(valuesOf(dissection, "http2.data.data")).toEqual([fromText("hi")]);
    expect(valuesOf(dissection, "http2.headers.weight_real")).toEqual([16]);
    expect(valuesOf(dissection, "http2.pong")).toEqual([number(7, 8)]);
    expect(valuesOf(dissection, "http2.goaway.addata")).toEqual([fromText("bye")]);
    expect(valuesOf(dissection, "http2.window_update.window_size_increment")).toEqual([65_535]);
  });

  test("literals and the responses of RFC 7541 C.2 and C.6.1", () => {
    const plain = readBlock(fromHex("400a637573746f6d2d6b65790d637573746f6d2d686561646572 20"), 0, 26, newTable());
    expect(plain).toMatchObject([{ name: "custom-key", value: "custom-header", index: 0 }]);
    const bytes = fromHex("488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3");
    const headers = readBlock(bytes, 0, bytes.length, newTable());
    expect(headers?.map((item) => ("value" in item ? item.value : null))).toEqual([
      "302",
      "private",
      "Mon, 21 Oct 2013 20:13:21 GMT",
      "https://www.example.com",
    ]);
  });

  test("a block of more headers than any server takes is left alone", () => {
    expect(readBlock(new Uint8Array(400).fill(0x82), 0, 400, newTable())).toHaveLength(400);
    expect(readBlock(new Uint8Array(401).fill(0x82), 0, 401, newTable())).toBeNull();
  });

  test("what no string of the code can be is none", () => {
    expect(decodeHuffman(fromHex("fffffffc"))).toBeNull(); // 30 ones: the end's own code
    expect(decodeHuffman(fromHex("ff"))).toBeNull(); // padding of more than 7 bits
    expect(decodeHuffman(fromHex("1fffff68"))).toBeNull(); // padding that is not of ones
  });

  test("is told from other payloads by its preface, or by frames that fill it", () => {
    const claims = (bytes: Uint8Array): boolean => looksLikeHttp2(bytes, 0, bytes.length);
    expect(claims(concat(PREFACE, settings))).toBe(true);
    expect(claims(others)).toBe(true);
    expect(claims(concat(others, fromHex("00")))).toBe(false);
    expect(claims(new Uint8Array(18))).toBe(false);
    expect(claims(new Uint8Array())).toBe(false);
  });

  test("nothing is thrown, and no range lies outside", () => {
    const samples = [concat(PREFACE, settings, frame(1, 0x25, 1, concat(number(1, 4), number(15, 1), request))), others];
    expect(fuzzDissector(http2, samples)).toEqual([]);
  });
});
