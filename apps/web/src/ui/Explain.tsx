"use client";
import { Tooltip } from "@base-ui/react/tooltip";
import type { ReactNode } from "react";

/** Text that explains itself when the pointer or the focus is on it. */
export function Explain({ text, children, className }: { text: ReactNode; children: ReactNode; className?: string }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger delay={200} className={className} render={<button type="button" />}>
        {children}
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className="z-50">
          <Tooltip.Popup className="max-w-80 rounded border border-edge bg-surface px-2.5 py-1.5 text-sm text-ink">{text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
