"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Download, ScanSearch } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { captureFileHref, captureQuery, invalidateCapture, removeCapture, stopCapture, type CaptureDetail } from "../../api/captures.ts";
import { visible } from "../../domain/text.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { general } from "../account/words.ts";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { useServices } from "../app/services.tsx";
import { CaptureFacts } from "./CaptureFacts.tsx";
import { CaptureHosts } from "./CaptureHosts.tsx";
import { useCaptureChanges } from "./useCaptureChanges.ts";

/** One capture: how far it is, what every host made of it, and its file. */
export function CaptureScreen({ id }: { id: string }) {
  const { api } = useServices();
  const capture = useQuery(captureQuery(api, id));
  useCaptureChanges();
  return (
    <>
      <TopBar
        title={
          <h1 className="flex min-w-0 items-baseline gap-2 text-md font-semibold">
            <Link href="/captures" className="font-normal text-muted hover:underline">
              Captures
            </Link>
            <span className="truncate">{capture.data === undefined ? "" : visible(capture.data.name)}</span>
          </h1>
        }
      >
        <ConnectionState />
        {capture.data === undefined ? null : <Actions capture={capture.data} />}
      </TopBar>
      {capture.error === null ? null : (
        <div className="p-4">
          <Notice
            kind="error"
            title={general(capture.error).title}
            action={<Button onClick={() => void capture.refetch()}>Try again</Button>}
          >
            The capture could not be read. {general(capture.error).todo}
          </Notice>
        </div>
      )}
      {capture.isPending ? (
        <p role="status" className="p-4 text-muted">
          Reading the capture
        </p>
      ) : null}
      {capture.data === undefined ? null : (
        <>
          <CaptureFacts capture={capture.data} />
          <CaptureHosts capture={capture.data} />
        </>
      )}
    </>
  );
}

function Actions({ capture }: { capture: CaptureDetail }) {
  const { api, queries } = useServices();
  const stop = useMutation({ mutationFn: () => stopCapture(api, capture.id), onSettled: () => invalidateCapture(queries, capture.id) });
  const running = capture.endedAt === null;
  return (
    <>
      {stop.error === null ? null : (
        <span role="alert" className="text-sm text-dropped">
          {general(stop.error).title}
        </span>
      )}
      {running ? (
        <Button busy={stop.isPending} onClick={() => stop.mutate()}>
          Stop
        </Button>
      ) : (
        <Delete capture={capture} />
      )}
      <a href={captureFileHref(capture.id, false)} download className={buttonClass("plain")}>
        <Download size={14} aria-hidden />
        Download
      </a>
      <Link href={`/packets?capture=${capture.id}`} className={buttonClass("primary")}>
        <ScanSearch size={14} aria-hidden />
        {running ? "Watch packets" : "Open packets"}
      </Link>
    </>
  );
}

function Delete({ capture }: { capture: CaptureDetail }) {
  const { api, queries } = useServices();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeCapture(api, capture.id),
    onSuccess: () => {
      invalidateCapture(queries, capture.id);
      router.push("/captures");
    },
  });
  return (
    <Dialog
      title="Delete this capture?"
      description="Its packets are deleted with it. The trail keeps that it was made, and by whom."
      open={open}
      onOpenChange={setOpen}
      trigger={<Button look="quiet">Delete</Button>}
    >
      {remove.error === null ? null : (
        <Notice kind="error" title={general(remove.error).title}>
          {general(remove.error).todo}
        </Notice>
      )}
      <div className="flex justify-end gap-2">
        <Button size="form" onClick={() => setOpen(false)}>
          Cancel
        </Button>
        <Button size="form" look="primary" busy={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
