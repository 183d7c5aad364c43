import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Answer, Calls, Verb } from "./fleet-calls.ts";

export type Fleet = Calls & { readonly stop: () => Promise<void> };

/** Starts the simulated agents' process. Calls reject with what went wrong there, and when it ends. */
export function startFleet(): Fleet {
  const child = fork(join(import.meta.dirname, "fleet.ts"), { execArgv: ["--import", "tsx"] });
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let last = 0;
  child.on("message", (answer: Answer) => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) one?.reject(new Error(answer.error));
    else one?.resolve(answer.result as never);
  });
  child.on("exit", (code) => waiting.forEach(({ reject }) => reject(new Error(`the simulated agents ended with exit code ${code}`))));
  const call =
    <V extends Verb>(verb: V) =>
    (input?: unknown): ReturnType<Calls[V]> =>
      new Promise<never>((resolve, reject) => {
        waiting.set(++last, { resolve, reject });
        child.send({ id: last, verb, input });
      }) as ReturnType<Calls[V]>;
  return { connect: call("connect"), greeted: call("greeted"), flood: call("flood"), beat: call("beat"), stop: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.disconnect();
  await exit;
}
