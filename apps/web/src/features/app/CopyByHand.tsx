"use client";
import { CopyField } from "../../ui/CopyField.tsx";
import { Dialog } from "../../ui/Dialog.tsx";

/** Text to be taken by hand, where the browser keeps the clipboard closed; null: none. */
export function CopyByHand({ shown, onClose }: { shown: { readonly text: string; readonly what: string } | null; onClose: () => void }) {
  return (
    <Dialog title={shown?.what ?? "Copy"} open={shown !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      <CopyField label={shown?.what ?? "Text"} value={shown?.text ?? ""} />
    </Dialog>
  );
}
