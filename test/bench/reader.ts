/*
 * Records per CPU-second from the ring buffer through the addon to a JavaScript ArrayBuffer, beside
 * tcpdump writing the same flood to /dev/null.
 */
import { measureReaders, perCpuSecond } from "./reader/measure.ts";
import { reporter } from "./report.ts";

const report = reporter(process.argv.slice(2));
const { tcpdump, thread, process: whole } = await measureReaders();
const peer = { peer: "tcpdump -w /dev/null -s 128", peerValue: perCpuSecond(tcpdump), unit: "records/CPU-s" };
report({ name: "reader thread", value: perCpuSecond(thread), ...peer });
report({ name: "whole process, JavaScript included", value: perCpuSecond(whole), ...peer, bar: { atLeast: 2 } });
console.error(`lost: ours ${whole.lost} of ${whole.taken + whole.lost}, tcpdump's ${tcpdump.lost} of ${tcpdump.taken + tcpdump.lost}`);
