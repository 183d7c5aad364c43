export type { FileHost } from "./about.ts";
export { PacketMerge, type CaptureBatch } from "./merge.ts";
export { CaptureFile } from "./write.ts";
