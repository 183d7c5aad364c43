"use client";
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { IconButton } from "./IconButton.tsx";

export type DialogProps = {
  title: string;
  /** One line under the title. */
  description?: ReactNode;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The control that opens it; focus returns there. */
  trigger?: ReactElement;
  children: ReactNode;
};

/** A modal panel: focus is kept inside, Escape and the cross close it. */
export function Dialog({ title, description, open, onOpenChange, trigger, children }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      {trigger === undefined ? null : <Base.Trigger render={trigger} />}
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-[#000000]/50 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup className="fixed top-[12dvh] left-1/2 z-50 flex max-h-[80dvh] w-[640px] max-w-[calc(100vw-32px)] -translate-x-1/2 flex-col gap-4 overflow-auto rounded-md border border-line bg-ground p-5 text-base shadow-[0_16px_48px_rgb(0_0_0/0.3)] transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0">
          <div className="flex flex-col gap-1 pr-10">
            <Base.Title className="text-md font-semibold">{title}</Base.Title>
            {description === undefined ? null : <Base.Description className="text-muted">{description}</Base.Description>}
          </div>
          {children}
          {/* Last, so that the focus begins at what the dialog is for. */}
          <Base.Close
            render={
              <IconButton label="Close" className="absolute top-4 right-4">
                <X size={16} aria-hidden />
              </IconButton>
            }
          />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
