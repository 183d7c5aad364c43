import { type Agent, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";

/** Largest answer read; the hub's are far smaller. */
const MAX_ANSWER_BYTES = 256 * 1024;
const TIMEOUT_MS = 30_000;

export type Answer = { readonly status: number; readonly body: unknown };

/** POSTs JSON over `agent`. `body` is undefined when the answer is not JSON. Rejects on network errors and time-out. */
export function postJson(url: URL, payload: unknown, agent: Agent): Promise<Answer> {
  const text = JSON.stringify(payload);
  const request = url.protocol === "https:" ? requestTls : requestPlain;
  const headers = { "content-type": "application/json", accept: "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error("the hub's answer is too large"));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString("utf8")) }));
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
