import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StaticFiles, readStaticFiles } from "./static-files.ts";

const folder = mkdtempSync(join(tmpdir(), "sonde-static-"));
let files: StaticFiles;
beforeAll(() => {
  mkdirSync(join(folder, "chunks"));
  writeFileSync(join(folder, "chunks/a.js"), "a");
  writeFileSync(join(folder, "chunks/a.js.br"), brotliCompressSync("a"));
  writeFileSync(join(folder, "chunks/b.js"), "b");
  writeFileSync(join(folder, "chunks/c.map.br"), "c");
  files = readStaticFiles(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function ask(url: string, options: { method?: string; encoding?: string } = {}): { taken: boolean; response: ServerResponse } {
  const { method = "GET", encoding = "gzip, deflate, br, zstd" } = options;
  const request = { method, url, headers: { "accept-encoding": encoding } } as unknown as IncomingMessage;
  const response = new ServerResponse(request);
  return { taken: files.answer(request, response), response };
}

test("what the build compressed goes out so, to be kept for ever", () => {
  const { taken, response } = ask("/_next/static/chunks/a.js?dpl=1");
  expect(taken).toBe(true);
  expect(response.statusCode).toBe(200);
  expect(response.writableEnded).toBe(true);
  expect(ask("/_next/static/chunks/a.js", { method: "HEAD" }).taken).toBe(true);
});

test.each([
  ["a client that takes no Brotli", "/_next/static/chunks/a.js", { encoding: "gzip" }],
  ["one that says so in numbers", "/_next/static/chunks/a.js", { encoding: "br;q=0, gzip" }],
  ["another method", "/_next/static/chunks/a.js", { method: "POST" }],
  ["a file that is not compressed", "/_next/static/chunks/b.js", {}],
  ["a kind that is none of a page's", "/_next/static/chunks/c.map", {}],
  ["the compressed file itself", "/_next/static/chunks/a.js.br", {}],
  ["a way out of the folder", "/_next/static/../static/chunks/a.js", {}],
])("%s is left to Next", (_, url, options) => {
  const { taken, response } = ask(url, options);
  expect(taken).toBe(false);
  expect(response.headersSent).toBe(false);
});
