import { Worker } from "node:worker_threads";
import type { FilterTask, Judged } from "./filter-set.ts";

export type FilterJudge = {
  /** Rejects when the worker fails, or is stopped meanwhile. */
  judge(task: FilterTask): Promise<Judged>;
  /** Ends the judgements under way; resolves when their threads are gone. Idempotent. */
  stop(): Promise<void>;
};

/** Where a worker finds the addon and its programs, and what it is to judge. */
export type JudgeData = { readonly nativeDir: string; readonly task: FilterTask };

/**
 * Judges filter sets in a thread of its own each (judge-worker.ts): they come seldom, and a thread that waits for the
 * next would keep its memory.
 */
export function createFilterJudge(script: string, nativeDir: string): FilterJudge {
  const workers = new Set<Worker>();
  return {
    judge: (task) =>
      new Promise<Judged>((resolve, reject) => {
        const workerData: JudgeData = { nativeDir, task };
        const worker = new Worker(script, { workerData });
        workers.add(worker);
        worker.once("message", (judged: Judged) => resolve(judged)); // our own code's, not the hub's
        worker.once("error", reject);
        worker.once("exit", () => {
          workers.delete(worker);
          reject(new Error("the thread that judges filters ended without an answer")); // harmless after an answer
        });
      }),
    stop: async () => {
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}
