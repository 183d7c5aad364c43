"use client";
import { Button } from "../ui/Button.tsx";
import { Notice } from "../ui/Notice.tsx";

/** A page that failed while it was drawn. */
export default function PageError({ reset }: { reset: () => void }) {
  return (
    <main className="mx-auto max-w-lg p-8">
      <Notice kind="error" title="This page failed" action={<Button onClick={reset}>Draw it again</Button>}>
        The browser's console or the hub's log says why.
      </Notice>
    </main>
  );
}
