import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { type Fleet, HUB } from "./fleet.ts";

const run = promisify(execFile);

/** A signed-in visitor of the hub's API. */
export type Probe = {
  /** Status of every host by its id; null when the hub did not answer. */
  readonly statuses: () => Promise<Map<string, string> | null>;
  /** How often each HTTP status came; 0 is no answer. */
  readonly seen: ReadonlyMap<number, number>;
  readonly stop: () => Promise<void>;
};

/** Signs in by a one-time link, then asks for the hosts once a second until stopped. */
export async function startProbe(fleet: Fleet): Promise<Probe> {
  const secret = new URL(await fleet.adminLink()).hash.slice(1);
  const jar = fleet.curl().at(-1) ?? "";
  const body = JSON.stringify({ token: secret });
  const headers = ["--header", "content-type: application/json", "--header", `origin: ${HUB}`];
  const signedIn = await ask(fleet.curl("--cookie-jar", jar, ...headers, "--data", body, `${HUB}/api/auth/admin-link/consume`));
  if (signedIn.status !== 200) throw new Error(`the sign-in link was answered with ${signedIn.status}: ${signedIn.body}`);
  const seen = new Map<number, number>();
  const hosts = async (): Promise<{ status: number; body: string }> => {
    const answer = await ask(fleet.curl(`${HUB}/api/v1/hosts?limit=100`));
    seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
    return answer;
  };
  let stopped = false;
  const looping = (async () => {
    while (!stopped) {
      await hosts();
      await pause(1000);
    }
  })();
  return {
    statuses: async () => {
      const { status, body: text } = await hosts();
      if (status !== 200) return null;
      const { items } = JSON.parse(text) as { items: { id: string; status: string }[] };
      return new Map(items.map((one) => [one.id, one.status]));
    },
    seen,
    stop: async () => {
      stopped = true;
      await looping;
    },
  };
}

async function ask([file = "", ...args]: readonly string[]): Promise<{ status: number; body: string }> {
  const { stdout } = await run(file, [...args, "--write-out", "\n%{http_code}"]).catch(() => ({ stdout: "\n0" }));
  const cut = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(cut + 1)), body: stdout.slice(0, cut) };
}
