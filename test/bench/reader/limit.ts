import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { nativeDir } from "../../../packages/bpf/src/index.ts";
import type { Wire } from "../../../packages/bpf/test/support/netns.ts";
import { SNAPLEN, flood } from "./flood.ts";

const source = fileURLToPath(new URL("ring-limit.cc", import.meta.url));
const native = fileURLToPath(new URL("../../../packages/bpf/native", import.meta.url));
const result = z.object({ taken: z.number(), cpuSeconds: z.number() });

export type Limit = Disposable & {
  /** One flood taken by a bare loop on the ring. */
  run(wire: Wire, mode: "walk" | "copy"): Promise<z.infer<typeof result>>;
};

/** Builds ring-limit.cc on the addon's own engine and ring. */
export function openLimit(): Limit {
  const folder = mkdtempSync(join(tmpdir(), "sonde-bench-"));
  const tool = join(folder, "ring-limit");
  const library = join(folder, "native.a");
  const objects = readdirSync(nativeDir()).filter((name) => name.endsWith(".o") && !name.endsWith(".bpf.o"));
  execFileSync("ar", ["rcs", library, ...objects.map((name) => join(nativeDir(), name))]);
  execFileSync("g++", ["-std=c++17", "-O2", `-I${native}`, "-o", tool, source, library, "-lbpf", "-lelf", "-lz"]);
  return {
    async run(wire, mode) {
      const args = [join(nativeDir(), "sonde.bpf.o"), String(wire.ifindex), String(SNAPLEN), mode];
      const child = spawn(tool, args, { stdio: ["pipe", "pipe", "inherit"] });
      let words = "";
      child.stdout.on("data", (chunk: Buffer) => (words += chunk.toString()));
      while (!words.includes("ready")) await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => failed(mode))]);
      await flood(wire);
      child.stdin.end();
      await once(child, "close");
      return result.parse(JSON.parse(words.slice(words.indexOf("{"))));
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function failed(mode: string): never {
  throw new Error(`ring-limit ${mode} ended before it was ready`);
}
