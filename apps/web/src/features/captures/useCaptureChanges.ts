import { useEffect } from "react";
import { invalidateCapture } from "../../api/captures.ts";
import { useServices } from "../app/services.tsx";

/** Captures are read again when the hub says that one changed. */
export function useCaptureChanges(): void {
  const { feed, queries } = useServices();
  useEffect(
    () =>
      feed.watchFleet((message) => {
        if (message.type === "capture-changed") invalidateCapture(queries, message.id);
      }),
    [feed, queries],
  );
}
