"use client";
import type { Connection } from "../../live/liveFeed.ts";
import { Button } from "../../ui/Button.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { useServices } from "./services.tsx";
import { useStore } from "./useStore.ts";

type Look = Pick<Parameters<typeof StatusDot>[0], "tone" | "shape" | "label">;

/** This browser's line to the hub, in words. */
export function connectionLook(connection: Connection, coarse: boolean): Look {
  switch (connection.state) {
    case "idle":
    case "connecting":
      return { tone: "muted", shape: "ring", label: "Connecting to the hub" };
    case "live":
      return coarse
        ? { tone: "monitored", shape: "half", label: "This browser does not keep up: summaries once a second" }
        : { tone: "ok", shape: "filled", label: "Connected to the hub" };
    case "reconnecting":
      return { tone: "monitored", shape: "half", label: "Hub not reached, trying again" };
    case "refused":
      return { tone: "dropped", shape: "crossed", label: `Refused by the hub: ${connection.detail}` };
  }
}

export function ConnectionState() {
  const { feed } = useServices();
  const connection = useStore(feed.connection);
  const coarse = useStore(feed.coarse);
  const canRetry = connection.state === "reconnecting" || connection.state === "refused";
  return (
    <span role="status" aria-label="Connection" className="inline-flex items-center gap-2 text-xs text-muted">
      <StatusDot {...connectionLook(connection, coarse)} />
      {canRetry ? (
        <Button look="quiet" onClick={() => feed.retry()}>
          Try now
        </Button>
      ) : null}
    </span>
  );
}
