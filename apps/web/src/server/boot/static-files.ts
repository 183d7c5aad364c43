import { readFileSync, readdirSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, relative, sep } from "node:path";

const ENDING = ".br";
const types: Readonly<Record<string, string>> = { js: "application/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

export type StaticFiles = {
  /** Answers when this is a file that the build has compressed and the client takes it so; else leaves the request alone. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
};

/**
 * Scripts and styles as the build compressed them (Brotli, RFC 7932), held in memory: nothing is compressed while the
 * hub runs, and a page is a quarter of its size on the wire. `folder` is Next's `static`; their names change with their
 * contents, so they may be kept for ever.
 */
export function readStaticFiles(folder: string): StaticFiles {
  const files = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const [, extension = ""] = /\.(\w+)\.br$/.exec(entry.name) ?? [];
    const type = types[extension];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join("/").slice(0, -ENDING.length);
    files.set(`/_next/static/${name}`, { type, bytes: readFileSync(path) });
  }
  return {
    answer({ method, url = "", headers }, response) {
      const file = files.get(url.split("?", 1)[0]!);
      if (!file || (method !== "GET" && method !== "HEAD") || !takesBrotli(headers["accept-encoding"])) return false;
      response.writeHead(200, {
        "content-type": file.type,
        "content-encoding": "br",
        "content-length": file.bytes.byteLength,
        "cache-control": "public, max-age=31536000, immutable",
        vary: "Accept-Encoding",
      });
      response.end(method === "HEAD" ? undefined : file.bytes);
      return true;
    },
  };
}

/** RFC 9110, 12.5.3; a weight of nothing is a no. */
function takesBrotli(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? "")
    .split(",")
    .some((one) => /^\s*br\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(one));
}
