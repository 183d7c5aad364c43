"use client";
import { Tooltip } from "@base-ui/react/tooltip";
import type { ReactNode } from "react";
import { Charts } from "./Charts.tsx";
import { Colours } from "./Colours.tsx";
import { Controls } from "./Controls.tsx";
import { Data } from "./Data.tsx";
import { Forms } from "./Forms.tsx";
import { Panes } from "./Panes.tsx";
import { States } from "./States.tsx";

/** Every part of src/ui in every state, with made-up values: for looking at, in both themes. */
export function PartsScreen() {
  return (
    <Tooltip.Provider>
      <main className="flex flex-col gap-10 p-6">
        <h1 className="text-xl font-semibold">Parts</h1>
        <p className="text-base text-muted">Each part of the dashboard in each of its states. The values on this page are examples.</p>
        <Section title="Colour and type">
          <Colours />
        </Section>
        <Section title="Controls">
          <Controls />
        </Section>
        <Section title="Forms and lists">
          <Forms />
        </Section>
        <Section title="States">
          <States />
        </Section>
        <Section title="Data">
          <Data />
        </Section>
        <Section title="Panes">
          <Panes />
        </Section>
        <Section title="Charts">
          <Charts />
        </Section>
      </main>
    </Tooltip.Provider>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-4">
      <h2 className="border-b border-line pb-1 text-lg font-semibold">{title}</h2>
      {children}
    </section>
  );
}
