"use client";
import { useState } from "react";
import { labelText, readLabels } from "../../domain/labels.ts";
import { LabelsField } from "../app/LabelsField.tsx";
import { Button } from "../../ui/Button.tsx";

type Labels = Readonly<Record<string, string>>;
const textOf = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => labelText({ key, value }))
    .join(" ");

/** The labels that the install line gives its host; other ones make another line. */
export function TokenLabels({ present, busy, onChange }: { present: Labels; busy: boolean; onChange: (labels: Labels) => void }) {
  const [text, setText] = useState(textOf(present));
  const read = readLabels(text);
  const changed = read.ok && textOf(read.labels) !== textOf(present);
  return (
    <form
      aria-label="Labels of the new host"
      className="flex items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (read.ok && changed) onChange(read.labels);
      }}
    >
      <LabelsField
        label="Labels of the new host"
        className="min-w-0 flex-1"
        text={text}
        onText={setText}
        read={read}
        hint={hintOf(present, changed)}
      />
      <Button type="submit" size="form" className="mt-6" disabled={!changed} busy={busy}>
        Make a line with these
      </Button>
    </form>
  );
}

function hintOf(present: Labels, changed: boolean): string {
  if (changed) return "Not in the line above yet: labels are part of its token.";
  return Object.keys(present).length === 0
    ? "The line above gives none. The host cannot change what its token says."
    : "The line above gives these.";
}
