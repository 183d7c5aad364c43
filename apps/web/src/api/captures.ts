import { API_BASE, captureDetailSchema, captureListSchema } from "@sonde/protocol/rest";
import type { CreateCaptureRequest } from "@sonde/protocol/rest";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

export type { Capture, CaptureDetail, CaptureEnd, CaptureHost, CaptureHostState, CreateCaptureRequest } from "@sonde/protocol/rest";
export { HEADER_SNAPLEN, MAX_CAPTURE_BYTES, MAX_CAPTURE_PACKETS, MAX_CAPTURE_SECONDS } from "@sonde/protocol/rest";

const path = (id: string): string => `/captures/${encodeURIComponent(id)}`;

/** Captures, newest first, page by page. */
export const capturesQuery = (api: ApiClient) =>
  infiniteQueryOptions({
    queryKey: keys.captures,
    queryFn: ({ signal, pageParam }) =>
      api.call(
        { method: "GET", path: `/captures${pageParam === "" ? "" : `?cursor=${encodeURIComponent(pageParam)}`}`, signal },
        captureListSchema,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** One capture with its hosts; while it runs it is asked again, should word of a change have been missed. */
export const captureQuery = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: keys.capture(id),
    queryFn: ({ signal }) => api.call({ method: "GET", path: path(id), signal }, captureDetailSchema),
    refetchInterval: ({ state }) => (state.data?.endedAt === null ? 5000 : false),
  });

/** Throws ApiError. */
export const createCapture = (api: ApiClient, body: CreateCaptureRequest) =>
  api.call({ method: "POST", path: "/captures", body }, captureDetailSchema);

/** Ends it on all hosts; what was captured stays. Throws ApiError. */
export const stopCapture = (api: ApiClient, id: string) => api.call({ method: "POST", path: `${path(id)}/stop` }, captureDetailSchema);

/** Deletes it with its packets. Throws ApiError. */
export const removeCapture = (api: ApiClient, id: string) => api.send({ method: "DELETE", path: path(id) });

/** Address of its pcapng file; `follow`: it grows until the capture ends. */
export const captureFileHref = (id: string, follow: boolean): string => `${API_BASE}${path(id)}/file${follow ? "?follow=true" : ""}`;

/** Refreshes one capture, and the list. */
export function invalidateCapture(client: QueryClient, id: string): void {
  void client.invalidateQueries({ queryKey: keys.capture(id) });
  void client.invalidateQueries({ queryKey: keys.captures });
}
