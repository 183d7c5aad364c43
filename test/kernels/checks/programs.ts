import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { getSystemErrorName } from "node:util";
import { type Check, failed, passed } from "../outcome.ts";
import { refusal } from "../verifier.ts";

/** A line of packages/bpf/test/tools/programs.cc. */
type Loaded = { readonly program: string; readonly errno: number; readonly instructions: number; readonly log: string };

/** Every program that is shipped, loaded by itself, with what the verifier went through. */
export const programs: Check = {
  name: "programs",
  *run({ home }) {
    const lines = execFileSync(join(home, "programs"), [home], { encoding: "utf8", maxBuffer: 16 << 20 });
    for (const line of lines.trim().split("\n")) {
      const { program, errno, instructions, log } = JSON.parse(line) as Loaded;
      const feature = `load ${program}`;
      if (errno === 0) yield passed(feature, `${instructions} verified`);
      else yield failed(feature, `${getSystemErrorName(-errno)}: ${refusal(log)}`);
    }
  },
};
