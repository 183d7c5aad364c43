"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { ReactNode } from "react";
import { useOnce } from "./useOnce.ts";

const CopyByHand = dynamic(() => import("./CopyByHand.tsx").then((file) => file.CopyByHand));

/** Text a page may put into its own dialog at most. */
const MAX_SHOWN = 100_000;

/** Copies, and says so; where the browser keeps the clipboard closed, the text is shown to be taken by hand. */
export function useCopy(): { readonly copy: (text: string, what: string) => void; readonly outcome: ReactNode } {
  const [said, setSaid] = useState("");
  const [shown, setShown] = useState<{ text: string; what: string } | null>(null);
  const everShown = useOnce(shown !== null);
  const copy = (text: string, what: string) => {
    const write = async () => {
      await navigator.clipboard.writeText(text);
      setSaid(`${what} was copied`);
    };
    write().catch(() => setShown({ text: text.slice(0, MAX_SHOWN), what }));
  };
  const outcome = (
    <>
      <p role="status" aria-label="Copied" className="sr-only">
        {said}
      </p>
      {everShown ? <CopyByHand shown={shown} onClose={() => setShown(null)} /> : null}
    </>
  );
  return { copy, outcome };
}
