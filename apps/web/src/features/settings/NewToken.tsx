"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { createApiToken } from "../../api/settings.ts";
import { readSelector } from "../../domain/labels.ts";
import { visible } from "../../domain/text.ts";
import { LabelsField } from "../app/LabelsField.tsx";
import { Button } from "../../ui/Button.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";

const accesses = [
  { value: "read", label: "Read" },
  { value: "write", label: "Read and write" },
] as const;
const DAY_MS = 86_400_000;

/** Null: until it is revoked; undefined: no such number of days. */
function daysOf(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const days = Number(text);
  return /^\d+$/.test(text.trim()) && days >= 1 && days <= 3650 ? days : undefined;
}

/** The form of one more API token; its secret is shown once, in a dialog. */
export function NewToken({ onMade }: { onMade: () => void }) {
  const { api } = useServices();
  const [name, setName] = useState("");
  const [access, setAccess] = useState<"read" | "write">("read");
  const [scope, setScope] = useState("");
  const [days, setDays] = useState("");
  const hosts = readSelector(scope);
  const lasting = daysOf(days);
  const create = useMutation({ mutationFn: (body: Parameters<typeof createApiToken>[1]) => createApiToken(api, body), onSuccess: onMade });
  const ready = name.trim() !== "" && hosts.ok && lasting !== undefined;
  const submit = () => {
    if (!ready) return;
    const all = Object.keys(hosts.selector).length === 0;
    const expiresAt = lasting === null ? null : new Date(Date.now() + lasting * DAY_MS).toISOString();
    create.mutate({ name: name.trim(), access, scope: all ? null : hosts.selector, expiresAt });
  };
  const made = create.data;
  const close = () => {
    create.reset(); // the secret is not kept
    setName("");
  };
  return (
    <form
      aria-label="New API token"
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="flex flex-wrap items-start gap-3">
        <Field
          label="Name"
          className="w-48"
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.target.value)}
          placeholder="grafana"
          autoComplete="off"
        />
        <div className="flex flex-col gap-1">
          <span className="text-sm font-medium">May</span>
          <div className="flex h-8 items-center">
            <Segmented label="May" options={accesses} value={access} onChange={setAccess} />
          </div>
        </div>
        <LabelsField
          label="Sees hosts labelled"
          className="min-w-56 flex-1"
          text={scope}
          onText={setScope}
          read={hosts}
          placeholder="all hosts"
          hint="As env=prod role=db; nothing for all. Other hosts do not exist for the token."
        />
        <Field
          label="Good for, days"
          className="w-32"
          inputMode="numeric"
          value={days}
          onChange={(event) => setDays(event.target.value)}
          placeholder="no end"
          error={lasting === undefined ? "1 to 3650" : undefined}
          autoComplete="off"
        />
        <Button type="submit" look="primary" size="form" className="mt-6" disabled={!ready} busy={create.isPending}>
          Make a token
        </Button>
      </div>
      {create.error === null ? null : (
        <Notice kind="error" title={general(create.error).title}>
          No token was made. {general(create.error).todo}
        </Notice>
      )}
      {made === undefined ? null : (
        <Dialog
          title={`Token ${visible(made.name)}`}
          description="It is shown this once: the hub keeps only a fingerprint of it. Programs send it as Authorization: Bearer."
          open
          onOpenChange={(open) => open || close()}
        >
          <CopyField label="API token" value={made.token} />
        </Dialog>
      )}
    </form>
  );
}
