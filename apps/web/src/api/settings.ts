import {
  apiTokenListSchema,
  createApiTokenResponseSchema,
  nameSettingsSchema,
  storageReportSchema,
  type CreateApiTokenRequest,
  type NameSettingsRequest,
  type RetentionRequest,
} from "@sonde/protocol/rest";
import { queryOptions } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

export type { ApiToken, NameSettings, NameSettingsRequest, RetentionRequest, StorageReport, TableStorage } from "@sonde/protocol/rest";

/** What is stored and how long it lasts; measured anew every half minute while somebody looks. */
export const storageQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: keys.storage,
    queryFn: ({ signal }) => api.call({ method: "GET", path: "/settings/storage", signal }, storageReportSchema),
    refetchInterval: 30_000,
  });

/** Changes limits; answers what holds now. Throws ApiError. */
export const setRetention = (api: ApiClient, body: RetentionRequest) =>
  api.call({ method: "PUT", path: "/settings/retention", body }, storageReportSchema);

export const apiTokensQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: keys.apiTokens,
    queryFn: ({ signal }) => api.call({ method: "GET", path: "/api-tokens", signal }, apiTokenListSchema),
  });

/** Makes an API token; only this answer holds its secret. Throws ApiError. */
export const createApiToken = (api: ApiClient, body: CreateApiTokenRequest) =>
  api.call({ method: "POST", path: "/api-tokens", body }, createApiTokenResponseSchema);

export const revokeApiToken = (api: ApiClient, id: string) => api.send({ method: "DELETE", path: `/api-tokens/${encodeURIComponent(id)}` });

export const nameSettingsQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: keys.nameSettings,
    queryFn: ({ signal }) => api.call({ method: "GET", path: "/settings/names", signal }, nameSettingsSchema),
    refetchInterval: 15_000,
  });

/** Turns reverse DNS on or off; answers what holds now. Throws ApiError. */
export const setNameSettings = (api: ApiClient, body: NameSettingsRequest) =>
  api.call({ method: "PUT", path: "/settings/names", body }, nameSettingsSchema);
