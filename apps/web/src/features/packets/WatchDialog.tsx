"use client";
import { useState } from "react";
import { exact } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { HostsField, useHostChoice } from "../app/HostsField.tsx";
import { ALL_HOSTS, MAX_NAMED } from "./useLive.ts";

/** Which hosts to watch, by label or name; what was typed is what the address holds. */
export function WatchDialog({ onWatch, onClose }: { onWatch: (live: string) => void; onClose: () => void }) {
  const [text, setText] = useState("");
  const read = useHostChoice(text);
  const many = read?.ok === true && Array.isArray(read.choice) && read.choice.length > MAX_NAMED;
  const ready = read?.ok === true && read.hosts.length > 0 && !many;
  return (
    <Dialog
      title="Watch hosts"
      description="Records of their packets as they come. What the hosts record is not changed: their filters say it."
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onWatch(text.trim() === "" ? ALL_HOSTS : text.trim());
        }}
      >
        <HostsField text={text} onText={setText} read={read} names />
        {many ? <p className="text-sm text-dropped">By name, a page watches {exact(MAX_NAMED)} hosts at most; more go by label.</p> : null}
        <div className="flex justify-end gap-2">
          <Button size="form" onClick={onClose}>
            Cancel
          </Button>
          <Button size="form" look="primary" type="submit" disabled={!ready}>
            Watch
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
