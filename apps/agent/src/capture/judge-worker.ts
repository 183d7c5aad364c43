/** Entry of the thread that judges one filter set (filter-judge.ts): its posted message is the answer. */
import { parentPort, workerData } from "node:worker_threads";
import { setNativeDir } from "@sonde/bpf";
import { measureCost } from "./filter-cost.ts";
import type { JudgeData } from "./filter-judge.ts";
import { judgeFilters } from "./filter-set.ts";

const { nativeDir, task } = workerData as JudgeData;
setNativeDir(nativeDir);
const judged = judgeFilters(task, task.replaces === true ? () => null : measureCost);
const programs = judged.ok ? judged.translated.programs.map((program) => program.buffer as ArrayBuffer) : [];
parentPort?.postMessage(judged, [...new Set(programs)]);
