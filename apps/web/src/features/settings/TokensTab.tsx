"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { apiTokensQuery, revokeApiToken } from "../../api/settings.ts";
import type { ApiToken } from "../../api/settings.ts";
import { keys } from "../../api/keys.ts";
import { selectorText } from "../../domain/labels.ts";
import { visible } from "../../domain/text.ts";
import { span } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import { Failed } from "./Failed.tsx";
import { NewToken } from "./NewToken.tsx";

const columns = [
  { id: "name", header: "Name" },
  { id: "prefix", header: "Begins with", mono: true },
  { id: "access", header: "May" },
  { id: "scope", header: "Sees" },
  { id: "state", header: "State" },
  { id: "used", header: "Last used" },
  { id: "expires", header: "Ends" },
  { id: "revoke", header: <span className="sr-only">Revoke</span>, align: "right" },
] as const;

const states = {
  active: { tone: "ok", shape: "filled", label: "Active" },
  expired: { tone: "muted", shape: "ring", label: "Expired" },
  revoked: { tone: "muted", shape: "crossed", label: "Revoked" },
} as const;

/** What programs ask the API with: made here, shown once, revoked here. */
export function TokensTab() {
  const { api, queries } = useServices();
  const tokens = useQuery(apiTokensQuery(api));
  const refresh = () => void queries.invalidateQueries({ queryKey: keys.apiTokens });
  const revoke = useMutation({ mutationFn: (id: string) => revokeApiToken(api, id), onSettled: refresh });
  return (
    <div className="flex max-w-6xl flex-col gap-5 overflow-auto p-4">
      <NewToken onMade={refresh} />
      {revoke.error === null ? null : (
        <Notice kind="error" title={general(revoke.error).title}>
          The token was not revoked. {general(revoke.error).todo}
        </Notice>
      )}
      {tokens.error === null ? null : <Failed what="The list of tokens" error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.isPending ? (
        <p role="status" className="text-muted">
          Reading the tokens
        </p>
      ) : null}
      {tokens.data === undefined ? null : tokens.data.items.length === 0 ? (
        <Notice kind="explained" title="No API tokens yet">
          A token lets a program, such as Grafana or the sonde command, ask this hub without a person signed in.
        </Notice>
      ) : (
        <Listing
          label="API tokens"
          columns={columns}
          rows={tokens.data.items.map((token) => ({
            id: token.id,
            cells: cellsOf(token, revoke.isPending, () => revoke.mutate(token.id)),
          }))}
        />
      )}
    </div>
  );
}

function cellsOf(token: ApiToken, busy: boolean, onRevoke: () => void) {
  const scope = token.scope === null ? "" : selectorText(token.scope);
  return [
    visible(token.name),
    token.prefix,
    token.access === "read" ? "read" : "read and write",
    scope === "" ? (
      "all hosts"
    ) : (
      <span key="scope" className="mono">
        {scope}
      </span>
    ),
    <StatusDot key="state" {...states[token.state]} />,
    <TimeAgo key="used" at={token.lastUsedAt} say={span} />,
    token.expiresAt === null ? "when revoked" : new Date(token.expiresAt).toLocaleDateString(),
    token.state === "active" ? (
      <Button key="revoke" className="h-6" aria-label={`Revoke ${token.name}`} disabled={busy} onClick={onRevoke}>
        Revoke
      </Button>
    ) : null,
  ];
}
