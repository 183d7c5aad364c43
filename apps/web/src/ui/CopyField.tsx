"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "./Button.tsx";

/** One line to take elsewhere: select by hand or copy by button. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setState("copied");
    } catch {
      // The clipboard is closed to plain-HTTP pages: select the line, so that a keystroke copies it.
      if (box.current !== null) getSelection()?.selectAllChildren(box.current);
      setState("failed");
    }
  };
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-start gap-2">
        <code
          ref={box}
          aria-label={label}
          role="group"
          tabIndex={0}
          className="mono max-h-40 min-w-0 flex-1 overflow-auto rounded border border-line bg-surface px-3 py-2 text-sm break-all whitespace-pre-wrap select-all"
        >
          {value}
        </code>
        <Button
          size="form"
          look="primary"
          onClick={() => void copy()}
          icon={state === "copied" ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
        >
          {state === "copied" ? "Copied" : "Copy"}
        </Button>
      </div>
      <p role="status" className="text-xs text-muted empty:hidden">
        {state === "failed" ? "The browser does not let this page write to the clipboard. The line is selected: press Ctrl+C." : ""}
      </p>
    </div>
  );
}
