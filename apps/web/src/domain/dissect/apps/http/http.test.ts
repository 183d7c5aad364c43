import { describe, expect, test } from "vitest";
import { fuzzDissector } from "../../../../../../../test/support/fuzz-dissector.ts";
import { concat, dissectPayload, fromText, valuesOf } from "../testing/payload.ts";
import { http, ssdp } from "./http.ts";
import { looksLikeHttp } from "./line.ts";

const get = fromText("GET /a/b?x=1&y=2 HTTP/1.1\r\nHost: example.org\r\nUser-Agent: curl/8.0\r\nCookie: a=1; b=2\r\nX-Own: z\r\n\r\n");
const ok = fromText("HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello");
const chunked = fromText("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\nTrailer: t\r\n\r\n");
const notify = fromText("NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\n\r\n");

describe("HTTP/1", () => {
  test("a request: line, query, headers, cookies, the full URI", () => {
    const dissection = dissectPayload(http, get);
    expect([dissection.protocol, dissection.info]).toEqual(["HTTP", "GET /a/b?x=1&y=2 HTTP/1.1"]);
    expect(valuesOf(dissection, "http.request.method")).toEqual(["GET"]);
    expect(valuesOf(dissection, "http.request.uri.query.parameter")).toEqual(["x=1", "y=2"]);
    expect(valuesOf(dissection, "http.host")).toEqual(["example.org"]);
    expect(valuesOf(dissection, "http.cookie_pair")).toEqual(["a=1", "b=2"]);
    expect(valuesOf(dissection, "http.request.line")).toContain("X-Own: z\r\n");
    expect(valuesOf(dissection, "http.request.full_uri")).toEqual(["http://example.org/a/b?x=1&y=2"]);
  });

  test("a response with its body, and another one behind it", () => {
    const dissection = dissectPayload(http, concat(ok, ok));
    expect(dissection.layers).toHaveLength(2);
    expect(dissection.info).toBe("HTTP/1.1 200 OK (text/html)");
    expect(valuesOf(dissection, "http.response.code")).toEqual([200, 200]);
    expect(valuesOf(dissection, "http.content_length")).toEqual([5, 5]);
    expect(valuesOf(dissection, "http.body")).toEqual([fromText("hello"), fromText("hello")]);
  });

  test("chunks with a trailer", () => {
    const dissection = dissectPayload(http, chunked);
    expect(valuesOf(dissection, "http.chunk_size")).toEqual([5, 0]);
    expect(valuesOf(dissection, "http.chunk_data")).toEqual([fromText("hello")]);
    expect(valuesOf(dissection, "http.chunked_trailer_part")).toEqual(["Trailer: t\r\n"]);
  });

  test("a chunk that is not all here is a body", () => {
    const dissection = dissectPayload(http, chunked.subarray(0, 55));
    expect(valuesOf(dissection, "http.chunk_size")).toEqual([]);
    expect(valuesOf(dissection, "http.body")).toEqual([chunked.subarray(47, 55)]);
  });

  test("of headers without an end a thousand are read", () => {
    const dissection = dissectPayload(http, concat(fromText("GET / HTTP/1.1\r\n"), fromText("a:b\n".repeat(5_000))));
    expect(dissection.layers[0]?.problem).toBe("malformed");
    expect(valuesOf(dissection, "http.request.line")).toHaveLength(1_000);
  });

  test("a notification over UDP", () => {
    const dissection = dissectPayload(ssdp, notify);
    expect(dissection.protocol).toBe("SSDP");
    expect(valuesOf(dissection, "http.notification")).toEqual([1]);
    expect(valuesOf(dissection, "http.request.line")).toEqual([]);
  });

  test("is told from other payloads by its first line", () => {
    const claims = (text: string): boolean => looksLikeHttp(fromText(text), 0, text.length);
    expect(claims("GET / HTTP/1.1\r\n")).toBe(true);
    expect(claims("HTTP/1.0 404 Not Found\r\n")).toBe(true);
    expect(claims("GET / HTTP/1.1")).toBe(false);
    expect(claims("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).toBe(false);
    expect(claims("INVITE sip:a SIP/2.0\r\n")).toBe(false);
  });

  test("nothing is thrown, and no range lies outside", () => {
    expect(fuzzDissector(http, [get, concat(ok, get), chunked, notify])).toEqual([]);
  });
});
