export * from "./classic.ts";
export * from "./compile.ts";
export * from "./disassemble.ts";
export * from "./verify.ts";
