/**
 * The runner inside a kernel: tries every check and prints one JSON line for each feature (outcome.ts),
 * then {"done": the number of them}. Arguments: the folder of addon, programs and tools; the seed.
 */
import { BpfError, setNativeDir } from "../../packages/bpf/src/index.ts";
import { conformance } from "./checks/conformance.ts";
import { facts } from "./checks/facts.ts";
import { filters } from "./checks/filters.ts";
import { hooks } from "./checks/hooks.ts";
import { programs } from "./checks/programs.ts";
import { type Check, type Outcome, failed } from "./outcome.ts";
import { refusal } from "./verifier.ts";

const checks: readonly Check[] = [facts, programs, filters, conformance, hooks];

const [home = "", seed = "0"] = process.argv.slice(2);
let count = 0;
const print = (line: Outcome | { done: number }): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const tell = (outcome: Outcome): void => {
  count++;
  print(outcome);
};

function words(error: unknown): string {
  if (error instanceof BpfError && error.verifierLog !== "") return `${error.message} ${refusal(error.verifierLog)}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

setNativeDir(home);
for (const check of checks) {
  try {
    for await (const outcome of check.run({ home, seed: Number(seed) })) tell(outcome);
  } catch (error) {
    tell(failed(check.name, words(error)));
  }
}
print({ done: count });
