import type { ReactNode } from "react";

/** A page without rail and bar: one thing to do, in the middle. */
export function Plain({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-6 px-6 py-12">
      <div className="flex flex-col gap-2">
        <p className="flex items-center gap-2 font-medium text-muted">
          <svg viewBox="0 0 32 32" className="size-5 text-accent" aria-hidden>
            <path
              d="M1 17h8l4-12 7 22 4-10h7"
              fill="none"
              stroke="currentColor"
              strokeWidth="3"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </svg>
          Sonde
        </p>
        <h1 className="text-xl font-semibold">{title}</h1>
      </div>
      {children}
    </main>
  );
}
