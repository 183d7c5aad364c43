import { expect, it } from "vitest";
import { isLoopbackAddress, parseHubUrl } from "./hub-url.ts";

it("takes https anywhere and http on loopback alone", () => {
  expect(parseHubUrl("https://hub.example:8443/some/page?x=1").href).toBe("https://hub.example:8443/");
  for (const url of ["http://127.0.0.1:3000", "http://127.8.9.1", "http://[::1]:3000", "http://localhost:3000"]) {
    expect(parseHubUrl(url).origin).toBe(url);
  }
  for (const url of [
    "http://192.0.2.1:3000",
    "http://hub.example",
    "http://127.0.0.1.example",
    "ftp://hub.example",
    "hub.example:8443",
    "https://u:p@hub.example",
  ]) {
    expect(() => parseHubUrl(url)).toThrow(expect.objectContaining({ name: "UsageError" }) as Error);
  }
});

it("knows loopback addresses", () => {
  expect(["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"].every(isLoopbackAddress)).toBe(true);
  expect(["", "128.0.0.1", "::2", "localhost", "10.0.0.1"].some(isLoopbackAddress)).toBe(false);
});
