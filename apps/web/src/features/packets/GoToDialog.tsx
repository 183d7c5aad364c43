"use client";
import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";

/** Asks for a packet by its number. */
export function GoToDialog(props: { first: number; last: number; onGo: (number: number) => void; onClose: () => void }) {
  const { first, last, onGo, onClose } = props;
  const [text, setText] = useState("");
  const number = Number(text);
  const ready = Number.isInteger(number) && number >= first && number <= last && text.trim() !== "";
  return (
    <Dialog title="Go to packet" open onOpenChange={(open) => (open ? undefined : onClose())}>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onGo(number);
        }}
      >
        <Field
          label="Number"
          mono
          inputMode="numeric"
          value={text}
          maxLength={10}
          onChange={(event) => setText(event.target.value)}
          className="flex-1"
          hint={`${first} to ${last}`}
        />
        <Button size="form" look="primary" type="submit" disabled={!ready} className="mb-5">
          Go
        </Button>
      </form>
    </Dialog>
  );
}
