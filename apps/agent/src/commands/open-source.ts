import { accessSync, constants } from "node:fs";
import { clockBoottimeNs, type Engine, listInterfaces, openEngine, watchInterfaces } from "@sonde/bpf";
import type { Logger } from "pino";
import { withAddresses } from "../capture/addresses.ts";
import { BpfSource } from "../capture/bpf-source.ts";
import { Excluded } from "../capture/excluded.ts";
import { type HookChoice, type Selection, hooksOf, unknownNames } from "../capture/plan.ts";
import type { ReplaySpeed } from "../capture/replay-clock.ts";
import { type ReplayEnd, ReplaySource } from "../capture/replay-source.ts";
import type { Source } from "../capture/source.ts";
import { UsageError } from "../control/usage-error.ts";
import type { Sampling } from "../sampling.ts";

export type SourceFlags = {
  readonly interface: readonly string[];
  readonly xdp: readonly string[];
  readonly xdpGeneric: readonly string[];
  readonly hook: HookChoice;
  readonly sampleOwn?: boolean;
  /** A capture file in place of interfaces. */
  readonly replay?: string;
  readonly replaySpeed: ReplaySpeed;
};
type Opened = {
  readonly engine: Engine;
  readonly source: Source;
  /** Resolves when there is nothing more to come, with the totals; never for interfaces. */
  readonly ended: Promise<ReplayEnd>;
};
export type OpenOptions = {
  readonly sampling: Sampling;
  readonly log: Logger;
  /** Whoever takes records cannot take more at the moment. */
  readonly isFull: () => boolean;
};

/** Loads the programs for what the flags name. Throws UsageError or BpfError. */
export function openSource(flags: SourceFlags, options: OpenOptions): Opened {
  return flags.replay === undefined ? openInterfaces(flags, options) : openReplay(flags.replay, flags.replaySpeed, options);
}

function openInterfaces(flags: SourceFlags, { sampling }: OpenOptions): Opened {
  const { interface: interfaces, xdp, xdpGeneric, hook } = flags;
  const selection: Selection = { interfaces, xdp, xdpGeneric, hooks: hooksOf(hook) };
  requireInterfaces(selection);
  const engine = openEngine({ ...sampling, sampleOwn: flags.sampleOwn ?? false });
  return { engine, source: interfaceSource(engine, selection), ended: new Promise(() => undefined) };
}

/** Throws UsageError when the selection names an interface that is not here. */
export function requireInterfaces(selection: Selection): void {
  const present = listInterfaces();
  const unknown = unknownNames(selection, present);
  if (unknown.length > 0) {
    throw new UsageError(`no interface ${unknown.join(", ")} here; there are: ${present.map((device) => device.name).join(", ")}`);
  }
}

/** What the engine sees on the interfaces of this namespace that are selected. */
export function interfaceSource(engine: Engine, selection: Selection): BpfSource {
  const devices = () => withAddresses(listInterfaces());
  return new BpfSource({ engine, listInterfaces: devices, watchInterfaces, clockBoottimeNs, selection });
}

function openReplay(path: string, speed: ReplaySpeed, { sampling, log, isFull }: OpenOptions): Opened {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new UsageError(`${path} cannot be read; it must be a file`);
  }
  const engine = openEngine({ ...sampling, replay: true, sampleOwn: true });
  let end: (totals: ReplayEnd) => void = () => undefined;
  const ended = new Promise<ReplayEnd>((resolve) => (end = resolve));
  const excluded = new Excluded((text) => log.warn({ event: "left-out" }, text.trimEnd()));
  const source = new ReplaySource({
    engine,
    path,
    speed,
    clockBoottimeNs,
    isFull,
    onLeftOut: (number, reason) => excluded.add(number, reason),
    onEnd: (totals) => {
      excluded.sumUp(totals.ran + totals.leftOut);
      end(totals);
    },
  });
  return { engine, source, ended };
}
