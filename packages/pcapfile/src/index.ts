export * from "./reader.ts";
export * from "./sink.ts";
export * from "./writer.ts";
