import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { loadError } from "./errors.ts";
import { Filters } from "./filters.ts";
import { native, nativeDir, type NativeEngine } from "./load.ts";
import { BpfError } from "./types.ts";

/** The kernel's own type information; the programs are fitted to it when they are loaded. */
export const BTF_PATH = "/sys/kernel/btf/vmlinux";

/** enum sonde_mode (include/engine.h) */
export const EngineMode = { live: 0, test: 1, replay: 2 } as const;
type EngineMode = (typeof EngineMode)[keyof typeof EngineMode];

export type NativeOptions = {
  readonly mode: EngineMode;
  readonly objectDir: string | undefined;
  readonly ringBytes: number;
  readonly flowEntries: number;
  /** Whether filters are translated for socket filters too. */
  readonly sockets: boolean;
};
export type OpenedNative = { readonly engine: NativeEngine; readonly filters: Filters };

/** Of an instance whose ring nobody reads and whose flows nobody drains: as small as can be. */
export const UNREAD = { ringBytes: 4096, flowEntries: 1, sockets: false } as const;

/** Loads the programs into maps of their own. Throws BpfError: NO_BTF, NO_PRIVILEGE or LOAD (with the verifier's log). */
export function openNative({ mode, objectDir, ringBytes, flowEntries, sockets }: NativeOptions): OpenedNative {
  const addon = native();
  requireBtf();
  const path = join(objectDir ?? nativeDir(), "sonde.bpf.o");
  const engine = new addon.NativeEngine();
  const opened = engine.open(path, ringBytes, flowEntries, mode);
  if (opened.errno !== 0) throw loadError(`Loading ${path}`, opened.errno, opened.log);
  return { engine, filters: new Filters(engine, { xdpHelpers: opened.xdpHelpers, sockets }) };
}

/** Throws BpfError NO_BTF. */
function requireBtf(): void {
  try {
    accessSync(BTF_PATH, constants.R_OK);
  } catch {
    throw new BpfError(
      "NO_BTF",
      `This kernel has no BTF at ${BTF_PATH}, which the programs need to fit themselves to it. ` +
        "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y.",
    );
  }
}
