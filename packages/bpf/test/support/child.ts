/** A process that watches interface argv[2] until told otherwise; argv[3] is how it ends. */
import { openEngine, type AttachMode } from "../../src/index.ts";

const [, , ifindex, ending, mode = "tcx"] = process.argv;
const engine = openEngine({ ringBytes: 1 << 20 });
engine.attach(Number(ifindex), mode as AttachMode);
let records = 0;
const lent: Uint8Array[] = []; // held until the process is gone
engine.start((batch, count) => {
  lent.push(batch);
  records += count;
  process.stdout.write(`records ${records}\n`);
});
process.stdout.write("attached\n");
if (ending === "exit") process.exit(0);
if (ending === "throw") throw new Error("the end");
