import type { AgentInterface, CaptureProgress, FiltersAck, FiltersMessage } from "@sonde/protocol";
import type { Logger } from "pino";
import type { Decision, Step } from "../pipeline/budget.ts";
import type { SpoolEvent } from "../spool/spool.ts";
import type { UplinkEvent } from "../uplink/types.ts";

const stepWords: Readonly<Record<Step, string>> = {
  full: "as many bytes as asked for",
  short: "at most 64 bytes",
  addresses: "addresses and ports only",
};

export type EventLogOptions = {
  readonly log: Logger;
  readonly interfaces: () => readonly AgentInterface[];
  readonly losses: () => {
    readonly queueLost: bigint;
    /** Of them, because a capture had ended. */
    readonly cut: bigint;
    readonly refused: bigint;
    readonly flowsLost: bigint;
    readonly flowsRefused: bigint;
  };
};

export type EventLog = {
  uplink(event: UplinkEvent): void;
  attached(change: AgentInterface): void;
  detached(change: AgentInterface): void;
  counted(totals: { readonly ringLost: bigint }): void;
  /** The budget has another step. */
  budget(decision: Decision): void;
  /** A filter set was taken or refused. */
  filters(message: FiltersMessage, answer: FiltersAck): void;
  /** How far captures are, each time one begins or ends; `trouble`: why one that ended is still asked in the kernel. */
  captures(progress: readonly CaptureProgress[], trouble?: string): void;
  /** Logs `loss` when something was lost since the last call; called once a second. */
  losses(): void;
};

/** Turns what happens into log lines with a stable `event` field. Counts are decimal text. */
export function createEventLog({ log, interfaces, losses }: EventLogOptions): EventLog {
  let announcedReady = false;
  let ring = 0n;
  let told = "";
  let captures = new Map<string, CaptureProgress["ended"]>();
  return {
    attached: ({ name, ifindex, hook, reason }) =>
      log.info({ event: "attached", interface: name, ifindex, hook, reason }, `attached to ${name}`),
    detached: ({ name, ifindex, reason }) =>
      log.info({ event: "detached", interface: name, ifindex, reason }, `detached from ${name}: ${reason}`),
    counted: ({ ringLost }) => {
      ring = ringLost;
    },
    budget: ({ step, sampleN, pressure }) => {
      const words = `records hold ${stepWords[step]}, at most 1 in ${sampleN} packets`;
      if (step === "full") log.info({ event: "budget", step, sampleN, pressure }, `${words}: nothing was lost lately`);
      else log.warn({ event: "budget", step, sampleN, pressure }, `${words}: the agent cannot keep up with more`);
    },
    filters: ({ number, filters }, answer) => {
      const facts = { event: "filters", set: number, filters: filters.map(({ id, expression }) => ({ id, expression })) };
      if (answer.ok) log.info({ ...facts, nsPerPacket: answer.report.nsPerPacket }, `filter set ${number} is in force`);
      else log.warn({ ...facts, code: answer.code, detail: answer.detail }, `filter set ${number} was refused: ${answer.detail}`);
    },
    captures: (progress, trouble) => {
      if (trouble !== undefined) log.warn({ event: "capture-trouble", reason: trouble }, `a capture that ended costs time on: ${trouble}`);
      for (const each of progress) {
        if (captures.get(each.id) === each.ended) continue;
        const words = each.ended === null ? "began" : `ended (${each.ended}) with ${each.packets} packets`;
        log.info({ event: "capture", ...each }, `capture ${each.id} ${words}`);
      }
      captures = new Map(progress.map(({ id, ended }) => [id, ended]));
    },
    losses: () => {
      const { queueLost: dropped, cut, refused, flowsLost, flowsRefused } = losses();
      const [ringLost, queueLost] = [ring, dropped - cut];
      const lost = {
        ringLost: ringLost.toString(),
        queueLost: queueLost.toString(),
        refused: refused.toString(),
        flowsLost: flowsLost.toString(),
        flowsRefused: flowsRefused.toString(),
      };
      const text = JSON.stringify(lost);
      if (text === told || (told === "" && ringLost + queueLost + refused + flowsLost + flowsRefused === 0n)) return;
      told = text;
      log.warn({ event: "loss", ...lost }, "records or flow records were lost");
    },
    uplink: (event) => {
      switch (event.type) {
        case "connected": {
          log.info({ event: "connected", address: event.address }, "connected to the hub");
          if (announcedReady) return;
          announcedReady = true;
          const list = interfaces().filter((each) => each.hook !== "none");
          return log.info({ event: "ready", interfaces: list.map(({ name, hook }) => ({ name, hook })) }, "ready");
        }
        case "disconnected":
        case "unreachable":
          return log.warn(
            { event: "disconnected", reason: event.reason, retryMs: event.retryMs },
            `no connection to the hub: ${event.reason}`,
          );
        case "refused":
          if (!event.lasting) {
            return log.warn(
              { event: "disconnected", code: event.code, reason: event.detail, retryMs: event.retryMs },
              `the hub cannot take this host now: ${event.detail}`,
            );
          }
          return log.error(
            { event: "refused", code: event.code, detail: event.detail, retryMs: event.retryMs },
            `the hub refused: ${event.detail}`,
          );
        case "batch-refused":
          return log.error(
            { ...event, event: "batch-refused", sequence: event.sequence.toString() },
            `the hub refused a batch: ${event.code}`,
          );
        case "resume-refused":
          return log.warn(
            { ...event, stream: event.stream.toString() },
            `the hub does not take what an earlier run left: ${event.detail}; it stays on disk`,
          );
        case "held-back":
          return log.warn({ event: "held-back", code: event.code, retryMs: event.retryMs }, `the hub asked for a pause: ${event.code}`);
      }
    },
  };
}

/** What happens to the spool; its log lines begin before there is anything else to tell. */
export function logSpool(log: Logger, event: SpoolEvent): void {
  switch (event.type) {
    case "off":
      return log.warn({ event: "spool-off", reason: event.reason }, `nothing is kept on disk: ${event.reason}`);
    case "on":
      return log.info({ event: "spool-on" }, "what the hub does not take is kept on disk again");
    case "found":
      return log.info(
        { event: "spool-found", streams: event.streams, bytes: event.bytes },
        `${event.bytes} bytes of earlier runs wait for the hub`,
      );
    case "left-out":
      return log.warn({ event: "spool-left-out", folder: event.folder, reason: event.reason }, `${event.folder}: ${event.reason}`);
  }
}
