/** What screens show of the hub's answers. */
export type { Host, HostDetail, HostInterface } from "@sonde/protocol/rest";
export type { AgentBudget, HostStatus, Ledger } from "@sonde/protocol";
