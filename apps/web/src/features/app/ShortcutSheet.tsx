"use client";
import { Dialog } from "../../ui/Dialog.tsx";
import { Kbd } from "../../ui/Kbd.tsx";

const keys = [
  ["?", "This list"],
  ["Ctrl+K", "Command palette: go to a screen, a host or a view; begin something"],
  ["Space", "Pause or resume the packet list"],
  ["↑ ↓", "Walk packets; the list holds still while you do"],
  ["Page ↑ Page ↓ Home End", "Walk further"],
  ["Enter", "Move to the packet's layers"],
  ["Escape", "Close the packet and follow again"],
  ["/", "Filter what is shown: hosts, flows or packets"],
  ["Alt-click a legend entry", "Show only that line"],
  ["Ctrl+F", "Packets: find bytes, text, an expression or a display filter"],
  ["Ctrl+G", "Packets: go to a packet by its number"],
  ["m", "Packets: mark the chosen packet, or take the mark away"],
  ["[ ]", "Packets: to the marked packet before or behind"],
  ["Menu, Shift+F10", "Packets: what can be done with the value: filter, capture, copy"],
] as const;

export function ShortcutSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog title="Keyboard shortcuts" open={open} onOpenChange={onOpenChange}>
      <dl className="grid grid-cols-[max-content_1fr] items-baseline gap-x-6 gap-y-2">
        {keys.map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
