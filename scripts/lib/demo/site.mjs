// What web-1, web-2 and db-1 serve, as `node site.mjs PORT [CERTIFICATE KEY SEARCH]`: HTTP/1 on the port and, with a
// certificate, HTTP/1 and HTTP/2 over TLS on 443. `/orders` asks the search at the address SEARCH over kept connections.
import { readFileSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import { createSecureServer } from "node:http2";

const [port = "80", certificate, key, search = ""] = process.argv.slice(2);

const page = `<!doctype html><title>Demo</title>${"<p>Quarterly figures</p>".repeat(60)}`;
const row = { id: 4711, state: "stored", lines: [{ article: "cable", pieces: 3 }] };
const orders = JSON.stringify(Array.from({ length: 30 }, () => row));
const image = Buffer.alloc(300_000, "sonde");
const kept = new Agent({ keepAlive: true, maxSockets: 2 });

/** @typedef {{ status: number, type: string, body: string | Buffer }} Answer */

/** @param {string} path @returns {Answer | undefined} */
function answerOf(path) {
  switch (path) {
    case "/":
    case "/catalog":
      return { status: 200, type: "text/html", body: page };
    case "/_search":
      return { status: 200, type: "application/json", body: orders };
    case "/image":
      return { status: 200, type: "application/octet-stream", body: image };
    case "/upload":
      return { status: 201, type: "text/plain", body: "stored\n" };
    case "/broken":
      return { status: 500, type: "text/plain", body: "the storage does not answer\n" };
    case "/orders":
      return undefined;
    default:
      return { status: 404, type: "text/plain", body: "no such page\n" };
  }
}

/** HTTP/1's and HTTP/2's requests and answers, as far as they are alike. @typedef {{ url?: string | undefined, resume(): unknown }} Request */
/** @typedef {{ writeHead(status: number, headers: Record<string, string>): unknown, end(body: string | Buffer): unknown }} Response */

/** @param {Request} request @param {Response} response */
function handle(request, response) {
  request.resume();
  const send = (/** @type {Answer} */ { status, type, body }) => {
    response.writeHead(status, { "content-type": type });
    response.end(body);
  };
  const answer = answerOf((request.url ?? "").split("?", 1)[0] ?? "");
  if (answer !== undefined) return send(answer);
  const unavailable = () => send({ status: 502, type: "text/plain", body: "the search does not answer\n" });
  const asked = get(`http://${search}/_search`, { agent: kept, timeout: 2000 }, (from) => {
    let body = "";
    from.setEncoding("utf8").on("data", (text) => (body += text));
    from.on("end", () => send({ status: 200, type: "application/json", body }));
  });
  asked.on("timeout", () => asked.destroy(new Error("no answer")));
  asked.on("error", unavailable);
}

const plain = createServer(handle).listen(Number(port), "::");
const secure =
  certificate === undefined || key === undefined
    ? undefined
    : createSecureServer({ allowHTTP1: true, cert: readFileSync(certificate), key: readFileSync(key) }, handle).listen(443, "::");
for (const server of [plain, secure]) {
  server?.on("listening", () => console.log("listening"));
  server?.on("tlsClientError", () => {}); // such as of a client that does not know the authority
}
