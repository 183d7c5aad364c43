import { Fragment } from "react";
import type { ReactNode } from "react";

/** Facts in two columns: what, and its value. */
export function KeyValue({ items }: { items: readonly { key: string; value: ReactNode }[] }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-1 text-sm">
      {items.map((item) => (
        <Fragment key={item.key}>
          <dt className="text-muted">{item.key}</dt>
          <dd className="min-w-0 break-words">{item.value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
