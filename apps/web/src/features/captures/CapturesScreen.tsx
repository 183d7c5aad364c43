"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { capturesQuery } from "../../api/captures.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty, Notice } from "../../ui/Notice.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { general } from "../account/words.ts";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { useServices } from "../app/services.tsx";
import { CaptureTable } from "./CaptureTable.tsx";
import { NewCapture } from "./NewCapture.tsx";
import { useCaptureChanges } from "./useCaptureChanges.ts";

/** Captures across hosts, newest first, and the way to start one. `?new=EXPRESSION&hosts=HOSTS` opens that at once. */
export function CapturesScreen() {
  const { api } = useServices();
  const router = useRouter();
  const address = useSearchParams();
  const asked = address.get("new");
  const hosts = address.get("hosts") ?? "";
  const captures = useInfiniteQuery(capturesQuery(api));
  useCaptureChanges();
  const items = captures.data?.pages.flatMap((page) => page.items) ?? [];
  const start = (
    <Button look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => router.push("/captures?new=")}>
      Start a capture
    </Button>
  );
  return (
    <>
      <TopBar title={<h1 className="text-md font-semibold">Captures</h1>}>
        <ConnectionState />
        {start}
      </TopBar>
      {captures.error === null ? null : (
        <div className="p-4">
          <Notice
            kind="error"
            title={general(captures.error).title}
            action={<Button onClick={() => void captures.refetch()}>Try again</Button>}
          >
            The captures could not be read. {general(captures.error).todo}
          </Notice>
        </div>
      )}
      {captures.isPending ? (
        <p role="status" className="p-4 text-muted">
          Reading the captures
        </p>
      ) : null}
      {captures.data === undefined ? null : items.length === 0 ? (
        <Empty title="No captures yet" action={start}>
          A capture keeps the packets that match an expression, from many hosts at once, in one pcapng file. It ends by itself.
        </Empty>
      ) : (
        <CaptureTable
          captures={items}
          onEnd={() => captures.hasNextPage && !captures.isFetchingNextPage && void captures.fetchNextPage()}
        />
      )}
      {asked === null ? null : (
        <NewCapture
          key={`${asked} on ${hosts}`}
          expression={asked}
          hosts={hosts}
          onClose={() => router.replace("/captures")}
          onStarted={(id) => router.replace(`/captures/${id}`)}
        />
      )}
    </>
  );
}
