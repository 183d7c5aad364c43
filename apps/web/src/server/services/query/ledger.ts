import type { FleetLedger } from "@sonde/protocol/rest";
import { fleetLedger } from "../../store/query/ledger.ts";
import type { Call } from "../call.ts";
import { readHosts, type QueryCtx } from "./input.ts";

const MAX_HOSTS = 5_000;

export type LedgerInput = { readonly host?: string[] | undefined; readonly label?: [string, string][] | undefined };

/** What became of every packet, by host and in all. Throws NOT_SIGNED_IN, BUSY. */
export async function ledgerOfHosts({ ctx, actor, input }: Call<LedgerInput, QueryCtx>): Promise<FleetLedger> {
  return fleetLedger(ctx.queries, readHosts(actor, input), MAX_HOSTS);
}
