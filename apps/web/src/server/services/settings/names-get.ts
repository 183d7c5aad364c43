import type { NameSettings } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, type Call, type VerbCtx } from "../call.ts";
import { readNameChoices } from "./names.ts";

/** Where names of addresses come from. */
export async function getNameSettings({ ctx, actor }: Call<null, VerbCtx & Pick<Ctx, "names">>): Promise<NameSettings> {
  requireReader(actor);
  const { geo, dns } = ctx.names;
  return { ...(await readNameChoices(ctx.db)), lookups: dns.counts(), folder: geo.folder, databases: [...geo.list()] };
}
