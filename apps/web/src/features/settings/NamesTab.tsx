"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "../../api/keys.ts";
import { nameSettingsQuery, setNameSettings } from "../../api/settings.ts";
import type { NameSettings, NameSettingsRequest } from "../../api/settings.ts";
import { visible } from "../../domain/text.ts";
import { exact, span } from "../../domain/units.ts";
import { Check } from "../../ui/Check.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import { Failed } from "./Failed.tsx";

/** Where names of addresses come from: reverse DNS, on or off, and the operator's databases of country and AS. */
export function NamesTab() {
  const { api, queries } = useServices();
  const names = useQuery(nameSettingsQuery(api));
  const save = useMutation({
    mutationFn: (change: NameSettingsRequest) => setNameSettings(api, change),
    onSuccess: (settings) => queries.setQueryData(keys.nameSettings, settings),
  });
  // A box shows at once what was chosen, while the hub is told.
  const [wanted, setWanted] = useState<NameSettingsRequest>({});
  const chosen = { ...names.data, ...wanted };
  const choose = (change: NameSettingsRequest) => {
    setWanted(change);
    save.mutate(change, { onSettled: () => setWanted({}) });
  };
  return (
    <div className="flex max-w-4xl flex-col gap-6 overflow-auto p-4">
      {names.error === null ? null : <Failed what="These settings" error={names.error} onRetry={() => void names.refetch()} />}
      {save.error === null ? null : (
        <Notice kind="error" title={general(save.error).title}>
          Nothing was changed. {general(save.error).todo}
        </Notice>
      )}
      {names.isPending ? (
        <p role="status" className="text-muted">
          Reading the settings
        </p>
      ) : null}
      {names.data === undefined ? null : (
        <>
          <section aria-label="Reverse DNS" className="flex flex-col gap-3">
            <h2 className="text-base font-semibold">Reverse DNS</h2>
            <Check
              label="Ask reverse DNS for names of addresses"
              hint="Whoever answers for a zone learns which of its addresses are looked at here. The hub asks its system's own resolver, at most 20 times a second, and no page waits for it."
              checked={chosen.reverseDns === true}
              disabled={save.isPending}
              onChange={(reverseDns) => choose({ reverseDns })}
            />
            <Check
              label="Ask about private addresses too"
              hint="Their names are known to your own resolver alone. One outside would learn your addresses and know no names."
              checked={chosen.reverseDnsPrivate === true}
              disabled={save.isPending || !names.data.reverseDns}
              onChange={(reverseDnsPrivate) => choose({ reverseDnsPrivate })}
            />
            <p className="text-sm text-muted">
              Since the hub started: <Value text={exact(names.data.lookups.asked)} /> asked,{" "}
              <Value text={exact(names.data.lookups.failed)} /> without an answer, <Value text={exact(names.data.lookups.dropped)} /> not
              asked because too many waited.
            </p>
          </section>
          <Databases settings={names.data} />
        </>
      )}
    </div>
  );
}

const columns = [
  { id: "file", header: "File", mono: true },
  { id: "type", header: "Holds" },
  { id: "built", header: "Made" },
  { id: "state", header: "State" },
] as const;

function Databases({ settings }: { settings: NameSettings }) {
  return (
    <section aria-label="Country and AS" className="flex flex-col gap-3">
      <h2 className="text-base font-semibold">Country and AS</h2>
      {settings.databases.length === 0 ? (
        <Notice kind="explained" title="No database found">
          Put files of MaxMind's format, such as GeoLite2-Country.mmdb, into <code className="mono text-ink">{settings.folder}</code>. They
          are taken within 30 s.
        </Notice>
      ) : (
        <Listing
          label="Databases"
          columns={columns}
          rows={settings.databases.map(({ file, type, builtAt, fault }) => ({
            id: file,
            cells: [
              file,
              type === null ? <Value key="type" text="–" /> : visible(type),
              builtAt === null ? <Value key="built" text="–" /> : <TimeAgo key="built" at={builtAt} say={span} />,
              fault === null ? (
                <StatusDot key="state" tone="ok" shape="filled" label="In use" />
              ) : (
                <span key="state" className="text-monitored">
                  {visible(fault)}
                </span>
              ),
            ],
          }))}
        />
      )}
    </section>
  );
}
