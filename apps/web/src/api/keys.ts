/** Query keys: one place, so that a socket event can invalidate exactly what it names. */
export const keys = {
  hosts: ["hosts"] as const,
  host: (id: string) => ["host", id] as const,
  filters: ["filters"] as const,
  filterCheck: (expression: string) => ["filter-check", expression] as const,
  tokens: ["enrolment-tokens"] as const,
  flows: (kind: "list" | "top" | "histogram" | "compare", ask: object) => ["flows", kind, ask] as const,
  ledger: ["ledger"] as const,
  names: (addresses: readonly string[]) => ["names", ...addresses] as const,
  storage: ["storage"] as const,
  apiTokens: ["api-tokens"] as const,
  nameSettings: ["name-settings"] as const,
  totals: (hostId: string, seconds: number) => ["totals", hostId, seconds] as const,
  agent: (hostId: string) => ["agent", hostId] as const,
  views: ["views"] as const,
  captures: ["captures"] as const,
  capture: (id: string) => ["capture", id] as const,
};
