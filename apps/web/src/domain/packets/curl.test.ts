import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { curlOf } from "./curl.ts";

const to = { address: "192.0.2.1", port: 8080 };
const request = (text: string): string | null =>
  curlOf(
    Uint8Array.from(text, (char) => char.charCodeAt(0)),
    to,
  );

/** The words that a shell makes of a command, curl itself left out. */
function words(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }; ${command}`;
  return execFileSync("bash", ["-c", script], { encoding: "latin1" }).split("\0").slice(0, -1);
}

describe("curlOf", () => {
  test("a request by name goes to where the packet went", () => {
    expect(request("GET /a?b=1 HTTP/1.1\r\nHost: www.example.net\r\nAccept: */*\r\n\r\n")).toBe(
      "curl --connect-to '::192.0.2.1:8080' --globoff --header 'Accept: */*' 'http://www.example.net/a?b=1'",
    );
    expect(request("HEAD / HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n\r\n")).toBe("curl --head --globoff 'http://192.0.2.1:8080/'");
    expect(request("GET / HTTP/1.0\r\n\r\n")).toBe("curl --globoff 'http://192.0.2.1:8080/'");
    expect(request("POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")).toBe(
      "curl --request POST --globoff --data-raw 'hello' 'http://192.0.2.1:8080/x'",
    );
  });

  test("what is no request of HTTP/1 is none", () => {
    for (const text of ["", "HTTP/1.1 200 OK\r\n\r\n", "GET /", "BREW /pot HTTP/1.1\r\n\r\n", "\x16\x03\x01"])
      expect(request(text)).toBeNull();
  });

  test("a shell takes nothing of a packet as its own", () => {
    const [headers, body, option] = [
      "GET /'$(id)`id`;x HTTP/1.1\r\nHost: a\r\nX-A: '; rm -rf / #\r\nX-B: \x1b[2Jé\x01f\r\n@/etc/passwd: no\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: $(id)\r\n\r\n@/etc/passwd\x1b'\n\\9",
      "GET --output HTTP/1.1\r\n\r\n",
    ].map((text) => words(request(text) ?? ""));
    expect(headers).toEqual([
      ...["--connect-to", "::192.0.2.1:8080", "--globoff"],
      ...["--header", "X-A: '; rm -rf / #", "--header", "X-B: \x1b[2Jé\x01f", "http://a/'$(id)`id`;x"],
    ]);
    expect(body).toEqual(["--request", "POST", "--globoff", "--data-raw", "@/etc/passwd\x1b'\n\\9", "http://192.0.2.1:8080/"]);
    expect(option).toEqual(["--globoff", "http://192.0.2.1:8080/--output"]);
  });
});
