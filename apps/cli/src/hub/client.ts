import { request as requestPlain, type Agent, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import { API_BASE, problemSchema, type Problem } from "@sonde/protocol/rest";
import { CommandError, reasonOf } from "../errors.ts";

/** Largest answer read whole. Exports are streamed and have no limit. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const SILENCE_MS = 120_000;

/** What an answer is checked by. */
export type Schema<T> = { parse(input: unknown): T };
export type Query = Readonly<Record<string, string | number | undefined>>;

export type Client = {
  get<T>(path: string, schema: Schema<T>, query?: Query): Promise<T>;
  post<T>(path: string, schema: Schema<T>, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /** The bytes of an answer as they come. One that follows something may be silent for as long as it likes. */
  stream(path: string, query: Query): Promise<AsyncIterable<Buffer>>;
  close(): void;
};

/** A failure that the hub put into words. `place` is where a text that was sent is wrong. */
export class Refused extends CommandError {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(`${problem.detail || problem.title} (${problem.code})`);
    this.problem = problem;
  }
}

/** The REST API of one hub, as the holder of a token. Every call rejects with CommandError. */
export function createClient(hub: { readonly url: URL; readonly token: string; readonly agent: Agent }): Client {
  const send = async (method: string, path: string, query: Query = {}, body?: unknown, patient = false): Promise<IncomingMessage> => {
    const url = new URL(API_BASE + path, hub.url);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const text = body === undefined ? null : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${hub.token}`,
      accept: "*/*",
      ...(text === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
    };
    const request = url.protocol === "https:" ? requestTls : requestPlain;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(url, { method, agent: hub.agent, headers, timeout: SILENCE_MS }, resolve);
      sent.once("timeout", () => sent.destroy(new Error("no answer in two minutes")));
      sent.once("error", reject);
      sent.end(text ?? undefined);
    }).catch((error: unknown) => {
      throw error instanceof CommandError ? error : new CommandError(`the hub at ${hub.url.origin} cannot be used: ${reasonOf(error)}`);
    });
    if ((answer.statusCode ?? 0) >= 400) throw await refusal(answer);
    if (patient) answer.socket.setTimeout(0);
    return answer;
  };
  const parsed = async <T>(answer: IncomingMessage, schema: Schema<T>): Promise<T> => {
    const json = parseJson(await readAll(answer));
    try {
      return schema.parse(json);
    } catch {
      throw new CommandError(`the hub answered ${answer.statusCode}, not as this version of sonde understands; is one of them older?`);
    }
  };
  return {
    get: async (path, schema, query) => parsed(await send("GET", path, query), schema),
    post: async (path, schema, body) => parsed(await send("POST", path, {}, body), schema),
    delete: async (path) => void (await readAll(await send("DELETE", path))),
    stream: (path, query) => send("GET", path, query, undefined, query["follow"] === "true"),
    close: () => hub.agent.destroy(),
  };
}

async function refusal(answer: IncomingMessage): Promise<CommandError> {
  const problem = problemSchema.safeParse(parseJson(await readAll(answer).catch(() => "")));
  return problem.success ? new Refused(problem.data) : new CommandError(`answered ${answer.statusCode}, not as a Sonde hub does`);
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw new Error("the answer is too large");
      chunks.push(chunk);
    }
  } catch (error) {
    throw new CommandError(`the hub's answer broke off: ${reasonOf(error)}`);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
