"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { createToken, revokeToken, tokensQuery } from "../../api/queries.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import { countdown } from "./countdown.ts";
import { TokenLabels } from "./TokenLabels.tsx";

/** One line to run on a new host. The page turns to that host the moment it has enrolled. */
export function AddHost({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog
      title="Add a host"
      description="Run this line on the host, as root or with sudo. It fetches the agent from this hub and enrols it."
      open={open}
      onOpenChange={onOpenChange}
    >
      {open ? <Invitation /> : null}
    </Dialog>
  );
}

function Invitation() {
  const { api } = useServices();
  const router = useRouter();
  const [labels, setLabels] = useState<Readonly<Record<string, string>>>({});
  const {
    mutate: create,
    data: token,
    error,
    isPending,
  } = useMutation({
    mutationFn: (wanted: Readonly<Record<string, string>>) => createToken(api, { labels: wanted }),
    onSuccess: (_, wanted) => setLabels(wanted),
  });
  const relabel = (wanted: Readonly<Record<string, string>>) => {
    // The line shown until now is given up: two open lines would be one too many.
    if (token !== undefined) void revokeToken(api, token.id).catch(() => undefined);
    create(wanted);
  };
  const asked = useRef(false);
  useEffect(() => {
    // Once per opening: every call makes a token.
    if (asked.current) return;
    asked.current = true;
    create({});
  }, [create]);
  const tokens = useQuery({ ...tokensQuery(api), enabled: token !== undefined });
  const mine = tokens.data?.items.find((one) => one.id === token?.id);
  const hostId = mine?.hostId ?? null;
  useEffect(() => {
    // In place of the address that opened this: going back makes no other token.
    if (hostId !== null) router.replace(`/hosts/${hostId}`);
  }, [hostId, router]);
  const left = useSecondsUntil(token?.expiresAt ?? null);

  if (error !== null) {
    return (
      <Notice kind="error" title={general(error).title} action={<Button onClick={() => create(labels)}>Try again</Button>}>
        No token was made. {general(error).todo}
      </Notice>
    );
  }
  if (token === undefined) return <p role="status">Making a token</p>;
  const over = left === 0 || mine?.state === "expired" || mine?.state === "revoked";
  if (over) {
    return (
      <Notice
        kind="warning"
        title="This line has expired"
        action={
          <Button look="primary" onClick={() => create(labels)}>
            Make a new line
          </Button>
        }
      >
        No host enrolled with it, and none can any more.
      </Notice>
    );
  }
  return (
    <>
      <CopyField label="Install line" value={token.installLine} />
      <TokenLabels present={labels} busy={isPending} onChange={relabel} />
      {isLoopback(token.installLine) ? (
        <Notice kind="warning" title="This hub can only be reached from its own machine">
          Its address is a loopback address. For other hosts, start it with <code className="mono text-ink">SONDE_URL</code> set to an
          address they reach.
        </Notice>
      ) : null}
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <span role="status">
          <StatusDot tone="accent" shape="half" label="Waiting for the host to call in" />
        </span>
        <span className="text-muted">Good for one host, for {left === null ? "15 min" : countdown(left)}</span>
      </div>
    </>
  );
}

function isLoopback(line: string): boolean {
  return /https?:\/\/(127\.|localhost|\[::1\])/.test(line);
}

function useSecondsUntil(at: string | null): number | null {
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    if (at === null) return;
    const tell = () => setLeft(Math.max(0, Math.ceil((Date.parse(at) - Date.now()) / 1000)));
    tell();
    const timer = setInterval(tell, 1000);
    return () => clearInterval(timer);
  }, [at]);
  return left;
}
