import { readdirSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname, join, relative } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";

const app = fileURLToPath(new URL("../src/app", import.meta.url));
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof methods)[number];
type Run = (request: Request, segment: { params: Promise<Record<string, string>> }) => Promise<Response> | Response;
type RouteModule = Partial<Record<Method, Run>>;

/** A route.ts of the app: its path in Next's words, like /api/v1/hosts/[id], and how to load it. */
export type RouteFile = { readonly path: string; readonly load: () => Promise<RouteModule> };

/** All route files but the sign-in library's own, as Next finds them: by their folders. */
export function routeFiles(): RouteFile[] {
  return readdirSync(app, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("/route.ts") && !file.includes("[..."))
    .map((file) => ({
      path: `/${relative(app, dirname(join(app, file)))}`,
      load: () => import(join(app, file)) as Promise<RouteModule>,
    }));
}

/** The methods that a route answers. */
export async function methodsOf(file: RouteFile): Promise<Method[]> {
  const routes = await file.load();
  return methods.filter((method) => routes[method] !== undefined);
}

/** Answers HTTP requests by the route handlers, in Next's place; what is streamed is streamed. */
export function serveRoutes(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const known = routeFiles().map((file) => {
    const names = [...file.path.matchAll(/\[(\w+)\]/g)].map((match) => match[1]!);
    const pattern = new RegExp(`^${file.path.replaceAll(".", "\\.").replace(/\[\w+\]/g, "([^/]+)")}$`);
    return { file, names, pattern };
  });
  // Names that are written out go before those in brackets, as in Next.
  known.sort((a, b) => a.names.length - b.names.length);
  return async (request, response) => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    const found = known.find((one) => one.pattern.test(url.pathname));
    const run = (await found?.file.load())?.[request.method as Method];
    if (!found || !run) return void response.writeHead(found ? 405 : 404).end();
    const values = found.pattern.exec(url.pathname)!.slice(1).map(decodeURIComponent);
    const params = Object.fromEntries(found.names.map((name, i) => [name, values[i]!]));
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    const asked = new Request(url, {
      method: request.method ?? "GET",
      headers: Object.entries(request.headers).map(([name, value]) => [name, String(value)] as [string, string]),
      signal: gone.signal,
      ...(hasBody ? { body: Readable.toWeb(request) as unknown as BodyInit, duplex: "half" } : {}),
    });
    const answer = await run(asked, { params: Promise.resolve(params) });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (!answer.body) return void response.end();
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), response).catch(() => response.destroy());
  };
}
