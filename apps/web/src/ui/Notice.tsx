import clsx from "clsx";
import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

type Kind = "explained" | "warning" | "error";
const signs = { explained: Info, warning: TriangleAlert, error: CircleAlert } as const;
const tones: Record<Kind, string> = { explained: "text-muted", warning: "text-monitored", error: "text-dropped" };

/** Says why something is empty, degraded or failed, and what to do. Errors are announced at once. */
export function Notice({ kind, title, children, action }: { kind: Kind; title: string; children?: ReactNode; action?: ReactNode }) {
  const Sign = signs[kind];
  return (
    <div role={kind === "error" ? "alert" : "status"} className="flex gap-3 rounded border border-line bg-surface p-3 text-base">
      <Sign size={18} aria-hidden className={clsx("mt-px shrink-0", tones[kind])} />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-medium">{title}</p>
        {children === undefined ? null : <div className="text-muted">{children}</div>}
        {action === undefined ? null : <div className="mt-2">{action}</div>}
      </div>
    </div>
  );
}

/** The same in the middle of a place that would hold data. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div role="status" className="mx-auto flex max-w-lg flex-col items-center gap-2 px-6 py-16 text-center text-base">
      <p className="text-md font-semibold">{title}</p>
      {children === undefined ? null : <div className="text-muted">{children}</div>}
      {action === undefined ? null : <div className="mt-3">{action}</div>}
    </div>
  );
}
