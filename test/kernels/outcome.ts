/**
 * One line of the runner's output: what was tried on a kernel. `ok` is null where the kernel is older than
 * the feature; then `detail` says so. `how` is what stands in the table for a success, such as a count.
 */
export type Outcome = { readonly feature: string; readonly ok: boolean | null; readonly how: string; readonly detail: string };

/** What every check is told: the folder of addon, programs and tools, and the seed of what is random. */
export type Trial = { readonly home: string; readonly seed: number };

/** A family of features, tried one after the other. What it throws counts as a failure of its name. */
export type Check = { readonly name: string; readonly run: (trial: Trial) => AsyncIterable<Outcome> | Iterable<Outcome> };

export const passed = (feature: string, how: string): Outcome => ({ feature, ok: true, how, detail: "" });
export const failed = (feature: string, detail: string): Outcome => ({ feature, ok: false, how: "", detail });
export const absent = (feature: string, detail: string): Outcome => ({ feature, ok: null, how: "", detail });
