"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import Link from "next/link";
import { keys } from "../../api/keys.ts";
import { hostsQuery, revokeToken, tokensQuery } from "../../api/queries.ts";
import { labelText } from "../../domain/labels.ts";
import type { StateLook } from "../../domain/states.ts";
import { visible } from "../../domain/text.ts";
import { span } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { Empty, Notice } from "../../ui/Notice.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { general } from "../account/words.ts";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { useServices } from "../app/services.tsx";
import { useUrlState } from "../app/useUrlState.ts";
import { AddHost } from "./AddHost.tsx";

const looks: Record<"open" | "used" | "expired" | "revoked", Pick<StateLook, "tone" | "shape" | "label">> = {
  open: { tone: "accent", shape: "half", label: "Waiting for its host" },
  used: { tone: "ok", shape: "filled", label: "Used" },
  expired: { tone: "muted", shape: "ring", label: "Expired" },
  revoked: { tone: "muted", shape: "crossed", label: "Revoked" },
};

/** How hosts come to be: the line for one more, and the tokens that were made. */
export function EnrolScreen() {
  const { api, queries } = useServices();
  const tokens = useQuery(tokensQuery(api));
  const hosts = useQuery(hostsQuery(api)).data ?? [];
  const [add, setAdd] = useUrlState("add");
  const revoke = useMutation({
    mutationFn: (id: string) => revokeToken(api, id),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.tokens }),
  });
  const addButton = (
    <Button look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setAdd("host")}>
      Add a host
    </Button>
  );
  const items = tokens.data?.items ?? [];
  return (
    <>
      <TopBar title={<h1 className="text-md font-semibold">Enrol</h1>}>
        <ConnectionState />
        {addButton}
      </TopBar>
      <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-auto p-4">
        <p className="max-w-3xl text-muted">
          A host enrols with a token that is good for one host and a short time. The token fixes the host's labels; its secret is shown
          once, in the line that is run on the host.
        </p>
        {[tokens.error, revoke.error].map((error, i) =>
          error === null ? null : (
            <Notice key={i === 0 ? "read" : "revoke"} kind="error" title={general(error).title}>
              {i === 0 ? "The tokens could not be read." : "The token is still good."} {general(error).todo}
            </Notice>
          ),
        )}
        {tokens.isPending ? (
          <p role="status" className="text-muted">
            Reading the tokens
          </p>
        ) : items.length === 0 ? (
          <Empty title="No token was made yet" action={addButton}>
            “Add a host” makes one, and the line to run on the host.
          </Empty>
        ) : (
          <Listing
            label="Enrolment tokens"
            columns={[
              { id: "prefix", header: "Token", mono: true },
              { id: "state", header: "State" },
              { id: "labels", header: "Labels", mono: true },
              { id: "made", header: "Made" },
              { id: "host", header: "Host", wide: true },
              { id: "revoke", header: <span className="sr-only">Revoke</span> },
            ]}
            rows={items.map((token) => ({
              id: token.id,
              cells: [
                `${visible(token.prefix)}…`,
                <StatusDot key="state" {...looks[token.state]} />,
                Object.entries(token.labels)
                  .map(([key, value]) => labelText({ key, value }))
                  .join(" "),
                <TimeAgo key="made" at={token.createdAt} say={span} />,
                token.hostId === null ? null : (
                  <Link key="host" href={`/hosts/${token.hostId}`} className="font-medium hover:underline">
                    {visible(hosts.find((host) => host.id === token.hostId)?.name ?? "a host that was removed")}
                  </Link>
                ),
                token.state === "open" ? (
                  <Button
                    key="revoke"
                    look="quiet"
                    className="h-6"
                    aria-label={`Revoke ${visible(token.prefix)}`}
                    disabled={revoke.isPending}
                    onClick={() => revoke.mutate(token.id)}
                  >
                    Revoke
                  </Button>
                ) : null,
              ],
            }))}
          />
        )}
      </div>
      <AddHost open={add === "host"} onOpenChange={(open) => setAdd(open ? "host" : "")} />
    </>
  );
}
