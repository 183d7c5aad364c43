import * as fs from "node:fs";

/** What the spool does to files: Node's own functions, so that tests can make each of them fail. */
export const nodeFiles = {
  closeSync: fs.closeSync,
  fsync: fs.fsync,
  fsyncSync: fs.fsyncSync,
  ftruncateSync: fs.ftruncateSync,
  mkdirSync: fs.mkdirSync,
  openSync: fs.openSync,
  readFileSync: fs.readFileSync as (path: string) => Buffer<ArrayBuffer>,
  readdirSync: fs.readdirSync as (path: string) => string[],
  renameSync: fs.renameSync,
  rmSync: fs.rmSync,
  statSync: fs.statSync as (path: string) => { readonly size: number; isFile(): boolean },
  statfsSync: fs.statfsSync as (path: string) => { readonly bsize: number; readonly blocks: number; readonly bavail: number },
  writeSync: fs.writeSync as (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => number,
  writevSync: fs.writevSync as (fd: number, parts: readonly Uint8Array[], position: number) => number,
};
export type Files = typeof nodeFiles;
