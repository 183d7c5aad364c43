"use client";
import { Pause, Plus, X } from "lucide-react";
import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Explain } from "../../ui/Explain.tsx";
import { Field } from "../../ui/Field.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Tabs } from "../../ui/Tabs.tsx";

const units = [
  { value: "bits", label: "bit/s" },
  { value: "packets", label: "packets/s" },
] as const;

export function Controls() {
  const [open, setOpen] = useState(false);
  const [unit, setUnit] = useState<"bits" | "packets">("bits");
  const [tab, setTab] = useState("one");
  return (
    <>
      {(["primary", "plain", "quiet"] as const).map((look) => (
        <div key={look} className="flex flex-wrap items-center gap-3">
          <Button look={look}>{look}</Button>
          <Button look={look} icon={<Pause size={14} aria-hidden />}>
            With icon
          </Button>
          <Button look={look} busy>
            Busy
          </Button>
          <Button look={look} disabled>
            Disabled
          </Button>
          <Button look={look} size="form">
            In a form
          </Button>
        </div>
      ))}
      <div className="flex flex-wrap items-center gap-3">
        <IconButton label="Close">
          <X size={16} aria-hidden />
        </IconButton>
        <IconButton label="Disabled" disabled>
          <X size={16} aria-hidden />
        </IconButton>
        <Segmented label="Unit" options={units} value={unit} onChange={setUnit} />
        <Explain
          text="What is counted here, and what it means for what is shown."
          className="underline decoration-edge decoration-dotted underline-offset-3"
        >
          Explained word
        </Explain>
        <Dialog
          title="A dialog"
          description="One line that says what it does."
          open={open}
          onOpenChange={setOpen}
          trigger={<Button icon={<Plus size={15} aria-hidden />}>Open a dialog</Button>}
        >
          <Field label="Name" placeholder="web-1" />
        </Dialog>
      </div>
      <div className="grid max-w-3xl grid-cols-1 gap-4 md:grid-cols-3">
        <Field label="Empty" placeholder="name@example.org" />
        <Field label="With a hint" hint="At least 12 characters." defaultValue="value" />
        <Field label="With an error" error="This is not an e-mail address." defaultValue="name@" />
      </div>
      <div className="max-w-3xl">
        <CopyField
          label="Example line"
          value="printf '%s' 'snd_enrol_EXAMPLE' | sudo sh -c &quot;$(curl -fsS https://hub.example/install.sh)&quot;"
        />
      </div>
      <div className="flex h-24 max-w-3xl flex-col border border-line">
        <Tabs
          label="Example tabs"
          value={tab}
          onChange={setTab}
          tabs={[
            { value: "one", label: "Live", content: <p className="p-3">First panel</p> },
            { value: "two", label: "Interfaces", count: 4, content: <p className="p-3">Second panel</p> },
          ]}
        />
      </div>
    </>
  );
}
