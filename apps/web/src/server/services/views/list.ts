import type { View } from "@sonde/protocol/rest";
import { requireReader, type Call } from "../call.ts";
import { presentView } from "./present.ts";

const SHOWN = 1000;

/** The saved views, by name. */
export async function listViews({ ctx, actor }: Call<null>): Promise<View[]> {
  requireReader(actor);
  const rows = await ctx.db.savedView.findMany({ orderBy: [{ screen: "asc" }, { name: "asc" }], take: SHOWN });
  return rows.map(presentView).filter((view) => view !== null);
}
