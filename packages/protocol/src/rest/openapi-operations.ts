import { z } from "zod";
import * as rest from "./index.ts";
import { accessOperations } from "./openapi-access.ts";
import { captureOperations } from "./openapi-captures.ts";
import { hostOperations } from "./openapi-hosts.ts";
import { settingOperations } from "./openapi-settings.ts";
import { nameOperations } from "./openapi-names.ts";
import { queryOperations } from "./openapi-query.ts";
import { viewOperations } from "./openapi-views.ts";
import type { Operation } from "./openapi-operation.ts";

/** Answers and parts of answers that get a name of their own in the document and in generated clients. */
export const schemas = {
  ApiToken: rest.apiTokenSchema,
  ApiTokenList: rest.apiTokenListSchema,
  Capture: rest.captureSchema,
  CaptureDetail: rest.captureDetailSchema,
  CaptureHost: rest.captureHostSchema,
  CaptureList: rest.captureListSchema,
  Counters: rest.countersResponseSchema,
  CreatedApiToken: rest.createApiTokenResponseSchema,
  CreatedEnrolmentToken: rest.createTokenResponseSchema,
  EnrolmentToken: rest.tokenSchema,
  EnrolmentTokenList: rest.tokenListSchema,
  Enrolled: rest.enrolResponseSchema,
  Filter: rest.filterSchema,
  FilterCheck: rest.checkFilterResponseSchema,
  FilterDetail: rest.filterDetailSchema,
  FilterHost: rest.filterHostSchema,
  FilterList: rest.filterListSchema,
  FilterSeries: rest.filterSeriesSchema,
  FleetLedger: rest.fleetLedgerSchema,
  Flow: rest.flowSchema,
  FlowCompare: rest.flowCompareSchema,
  FlowHistogram: rest.flowHistogramSchema,
  FlowList: rest.flowListSchema,
  FlowTop: rest.flowTopSchema,
  Host: rest.hostSchema,
  HostDetail: rest.hostDetailSchema,
  HostAgent: rest.hostAgentSchema,
  HostInterface: rest.hostInterfaceSchema,
  HostLabels: rest.hostLabelsSchema,
  HostList: rest.hostListSchema,
  InterfaceSeries: rest.interfaceSeriesSchema,
  HubInfo: rest.hubInfoSchema,
  StorageReport: rest.storageReportSchema,
  View: rest.viewSchema,
  ViewList: rest.viewListSchema,
  NameSettings: rest.nameSettingsSchema,
  Names: rest.namesSchema,
} as const satisfies Record<string, z.ZodType>;

/** Everything under /api/v1. A test holds this list to the route files. */
export const operations: readonly Operation[] = [
  {
    method: "get",
    path: "/openapi.json",
    id: "getOpenApi",
    summary: "This document",
    access: "public",
    answers: z.looseObject({ openapi: z.string() }),
  },
  { method: "get", path: "/hub", id: "getHub", summary: "The hub itself", access: "read", answers: rest.hubInfoSchema },
  ...hostOperations,
  ...captureOperations,
  ...queryOperations,
  ...viewOperations,
  ...accessOperations,
  ...settingOperations,
  ...nameOperations,
];
