"use client";
import clsx from "clsx";
import { Explain } from "./Explain.tsx";
import { Value } from "./Value.tsx";

export type LedgerItem = {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** One or two sentences: what is counted here, and what it means for what is shown. */
  readonly explanation: string;
  /** `loss` marks what should be zero and is not. */
  readonly tone?: "loss" | undefined;
  /** Digits to keep free for a value that is still to come, so that nothing moves when it does. */
  readonly room?: number | undefined;
};

/** What is missing from this screen, always in the same place, in words. */
export function LedgerLine({ items }: { items: readonly LedgerItem[] }) {
  return (
    <dl
      aria-label="Ledger"
      className="flex min-h-7 shrink-0 flex-wrap items-center max-sm:flex-nowrap max-sm:overflow-x-auto max-sm:whitespace-nowrap gap-x-5 border-b border-line px-4 py-0.5 text-xs"
    >
      {items.map((item) => (
        <div key={item.id} className="flex items-baseline gap-1.5">
          <dt className="text-muted">
            <Explain text={item.explanation} className="py-1 underline decoration-edge decoration-dotted underline-offset-3">
              {item.label}
            </Explain>
          </dt>
          <dd className={clsx("whitespace-nowrap", item.tone === "loss" && "hatched rounded px-1 font-medium text-dropped")}>
            <span
              className={clsx("inline-block", item.tone === "loss" && "bg-ground px-0.5")}
              style={item.room === undefined ? undefined : { minWidth: `${item.room}ch` }}
            >
              <Value text={item.value} />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
