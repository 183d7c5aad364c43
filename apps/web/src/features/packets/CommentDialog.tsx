"use client";
import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextArea } from "../../ui/TextArea.tsx";

/** A packet's comment, kept in the pcapng file that is saved. */
export function CommentDialog(props: { number: number; text: string; onSave: (text: string) => void; onClose: () => void }) {
  const { number, onSave, onClose } = props;
  const [text, setText] = useState(props.text);
  return (
    <Dialog
      title={`Comment on packet ${number}`}
      description="Comments stay on this page until they are saved with the packets as a pcapng file."
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSave(text.trim());
        }}
      >
        <TextArea label="Comment" value={text} onChange={setText} rows={4} maxLength={4000} />
        <div className="flex justify-end gap-2">
          <Button size="form" onClick={onClose}>
            Cancel
          </Button>
          <Button size="form" look="primary" type="submit">
            Save comment
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
