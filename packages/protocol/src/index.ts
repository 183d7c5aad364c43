export * from "./batch.ts";
export * from "./errors.ts";
export * from "./filters.ts";
export * from "./layout.ts";
export * from "./messages.ts";
export * from "./row-batches.ts";
export * from "./uplinks.ts";
export * from "./uuid.ts";
