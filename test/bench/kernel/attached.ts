/** Obeys lines on stdin: `attach filter`, `attach everything`, `detach`; argv[2] is the interface. Answers each with `done`. */
import { createInterface } from "node:readline";
import { type Engine, openEngine } from "../../../packages/bpf/src/index.ts";
import { filter } from "../../../packages/bpf/test/support/compile.ts";

const ifindex = Number(process.argv[2]);
let engine: Engine | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  await engine?.close();
  engine = line === "detach" ? undefined : attach(line === "attach filter");
  console.log("done");
}
await engine?.close();

/** Both directions by TCX and the reader running, as an agent has it: N and snaplen are its defaults. */
function attach(filtered: boolean): Engine {
  const opened = openEngine();
  if (filtered) opened.setFilters({ number: 1, filters: [filter("tcp port 443")] });
  opened.attach(ifindex, "tcx");
  opened.start((batch) => opened.release(batch));
  return opened;
}
