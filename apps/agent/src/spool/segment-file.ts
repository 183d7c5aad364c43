import { join } from "node:path";
import type { BatchKindName } from "@sonde/protocol";
import type { Files } from "./files.ts";
import { SLOT_BYTES } from "./segment.ts";

const NAME = /^([a-zA-Z]+)-(\d{8})(s?)$/;
const MARK = "s";

/** Kind and number in the name of a segment; null for another file. */
export function readSegmentName(name: string): { readonly kind: string; readonly id: number; readonly marked: boolean } | null {
  const [, kind = "", id, mark] = NAME.exec(name) ?? [];
  return id === undefined ? null : { kind, id: Number(id), marked: mark === MARK };
}

export type SegmentOptions = { readonly files: Files; readonly folder: string; readonly kind: BatchKindName; readonly id: number };

/** One segment and its file. All methods throw what the disk says. */
export class SegmentFile {
  readonly id: number;
  bytes = 0;
  /** Batches in it that are not done; -1 while an earlier run's was not read. */
  left = 0;
  /** Records in it; known unless `left` is -1. */
  records = 0;
  /** Its batches are in memory too, or were handed out. */
  taken = false;
  readonly #options: SegmentOptions;
  #marked: boolean;
  #fd: number | null = null;

  constructor(options: SegmentOptions, marked: boolean) {
    this.id = options.id;
    this.#options = options;
    this.#marked = marked;
  }

  /** Batches in it may have been sent: its name says so, for the next run. */
  get marked(): boolean {
    return this.#marked;
  }

  get name(): string {
    return this.#nameWhen(this.#marked);
  }

  create(): void {
    this.#fd = this.#options.files.openSync(this.#path, "wx+", 0o600);
  }

  /** Appends what is `size` bytes together; after a failure the file is as it was. */
  append(parts: readonly Uint8Array[], size: number): void {
    const { files } = this.#options;
    const fd = this.#file();
    try {
      if (files.writevSync(fd, parts, this.bytes) < size) throw Object.assign(new Error("the file system is full"), { code: "ENOSPC" });
    } catch (error) {
      files.ftruncateSync(fd, this.bytes); // where this fails, a scan finds the torn end
      throw error;
    }
    this.bytes += size;
  }

  read(): Buffer<ArrayBuffer> {
    return this.#options.files.readFileSync(this.#path);
  }

  overwrite(offset: number, slot: Buffer): void {
    if (this.#options.files.writeSync(this.#file(), slot, 0, SLOT_BYTES, offset) < SLOT_BYTES) {
      throw new Error(`${this.name} cannot be written to`);
    }
  }

  mark(marked: boolean): void {
    if (this.#marked === marked) return;
    this.#options.files.renameSync(this.#path, join(this.#options.folder, this.#nameWhen(marked)));
    this.#marked = marked;
  }

  /** Nothing more is appended. Its bytes reach the disk soon, unless it is to be read and deleted: then no need. */
  seal(toRead: boolean): void {
    const { files } = this.#options;
    const fd = this.#fd;
    if (fd === null || toRead) return; // it is written to when its batches are sent
    this.#fd = null;
    files.fsync(fd, () => files.closeSync(fd));
  }

  /** Its bytes are on the disk when this returns. */
  close(): void {
    const { files } = this.#options;
    const fd = this.#fd;
    this.#fd = null;
    if (fd === null) return;
    try {
      files.fsyncSync(fd);
    } finally {
      files.closeSync(fd);
    }
  }

  remove(): void {
    const { files } = this.#options;
    if (this.#fd !== null) files.closeSync(this.#fd);
    this.#fd = null;
    files.rmSync(this.#path, { force: true });
  }

  get #path(): string {
    return join(this.#options.folder, this.name);
  }

  #nameWhen(marked: boolean): string {
    return `${this.#options.kind}-${String(this.id).padStart(8, "0")}${marked ? MARK : ""}`;
  }

  #file(): number {
    return (this.#fd ??= this.#options.files.openSync(this.#path, "r+"));
  }
}
