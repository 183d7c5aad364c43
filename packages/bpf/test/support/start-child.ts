import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { until } from "./netns.ts";

const tsx = createRequire(import.meta.url).resolve("tsx");
const script = fileURLToPath(new URL("./child.ts", import.meta.url));

export type Child = { readonly process: ChildProcess; readonly output: () => string; readonly exited: Promise<void> };

/** Runs child.ts behind a command prefix and resolves once it says that it is attached. */
export async function startChild(prefix: readonly string[], ...args: readonly string[]): Promise<Child> {
  const [file = "", ...rest] = [...prefix, process.execPath, "--import", tsx, script, ...args];
  const started = spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<void>((resolve) => started.on("exit", () => resolve()));
  let text = "";
  for (const stream of [started.stdout, started.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await until(`attached: ${text}`, () => text.includes("attached"));
  return { process: started, output: () => text, exited };
}
