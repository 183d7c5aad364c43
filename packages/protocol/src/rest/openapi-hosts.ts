import * as rest from "./index.ts";
import type { Operation } from "./openapi-operation.ts";

const passport = { hostname: "web-1", kernel: "6.12.0", arch: "x86_64", os: "Debian 13", agentVersion: "0.1.0", cpus: 4, facts: [] };

/** Hosts, what is pushed to them, and how they come to be. */
export const hostOperations: readonly Operation[] = [
  // hosts
  {
    method: "get",
    path: "/hosts",
    id: "listHosts",
    summary: "Hosts in order of enrolment, page by page",
    access: "read",
    query: rest.hostListQuerySchema,
    answers: rest.hostListSchema,
  },
  { method: "get", path: "/hosts/{id}", id: "getHost", summary: "One host", access: "read", answers: rest.hostDetailSchema },
  {
    method: "delete",
    path: "/hosts/{id}",
    id: "removeHost",
    summary: "Take a host off the list and revoke its credential",
    access: "write",
    status: 204,
  },
  {
    method: "get",
    path: "/hosts/{id}/counters",
    id: "getHostCounters",
    summary: "A host's counters, one point per second and interface with traffic",
    access: "read",
    query: rest.countersQuerySchema,
    example: { query: { from: "2026-11-20T12:00:00Z", to: "2026-11-20T13:00:00Z" } },
    answers: rest.countersResponseSchema,
  },

  {
    method: "get",
    path: "/hosts/{id}/labels",
    id: "getHostLabels",
    summary: "The labels that hold for a host",
    access: "read",
    answers: rest.hostLabelsSchema,
  },
  {
    method: "put",
    path: "/hosts/{id}/labels",
    id: "setHostLabels",
    summary: "Set the labels that a host is given by hand, all at once",
    access: "write",
    body: rest.setLabelsRequestSchema,
    example: { body: { labels: { env: "prod", rack: "4" } } },
    answers: rest.hostLabelsSchema,
  },

  // filters
  {
    method: "get",
    path: "/filters",
    id: "listFilters",
    summary: "Active filters, and what each host made of them",
    access: "read",
    answers: rest.filterListSchema,
  },
  {
    method: "post",
    path: "/filters",
    id: "createFilter",
    summary: "Push a filter to all hosts",
    access: "write",
    body: rest.createFilterRequestSchema,
    example: { body: { expression: "tcp port 443", sampleN: 10 } },
    answers: rest.filterDetailSchema,
    status: 201,
  },
  {
    method: "post",
    path: "/filters/check",
    id: "checkFilter",
    summary: "Compile an expression and change nothing",
    access: "read",
    body: rest.checkFilterRequestSchema,
    example: { body: { expression: "tcp port 443" } },
    answers: rest.checkFilterResponseSchema,
  },
  { method: "get", path: "/filters/{id}", id: "getFilter", summary: "One active filter", access: "read", answers: rest.filterDetailSchema },
  { method: "delete", path: "/filters/{id}", id: "removeFilter", summary: "Take a filter back", access: "write", status: 204 },

  // enrolment
  {
    method: "get",
    path: "/enrolment-tokens",
    id: "listEnrolmentTokens",
    summary: "Enrolment tokens, without their secrets",
    access: "read",
    answers: rest.tokenListSchema,
  },
  {
    method: "post",
    path: "/enrolment-tokens",
    id: "createEnrolmentToken",
    summary: "Make a token that enrols one host",
    access: "write",
    body: rest.createTokenRequestSchema,
    example: { body: { minutes: 15, note: "rack 4" } },
    answers: rest.createTokenResponseSchema,
    status: 201,
  },
  {
    method: "delete",
    path: "/enrolment-tokens/{id}",
    id: "revokeEnrolmentToken",
    summary: "Make an unused enrolment token useless",
    access: "write",
    status: 204,
  },
  {
    method: "post",
    path: "/enrol",
    id: "enrol",
    summary: "Enrol this host; the token in the body is what it needs",
    access: "public",
    body: rest.enrolRequestSchema,
    example: { body: { token: "snd_enrol_…", hostname: "web-1", passport } },
    answers: rest.enrolResponseSchema,
    status: 201,
  },
  {
    method: "get",
    path: "/agent/bundle",
    id: "getAgentBundle",
    summary: "The agent with all it needs, as a tar.gz",
    access: "public",
    answers: { "application/gzip": null },
  },
];
