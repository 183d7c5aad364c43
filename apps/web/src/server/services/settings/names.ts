import { z } from "zod";
import type { Tx } from "../call.ts";

export const NAMES_KEY = "names";
const valueSchema = z.object({ reverseDns: z.boolean().default(false), reverseDnsPrivate: z.boolean().default(false) });
export type NameChoices = z.infer<typeof valueSchema>;

/** What the operator chose of reverse DNS: off until then. */
export async function readNameChoices(db: Pick<Tx, "setting">): Promise<NameChoices> {
  const row = await db.setting.findUnique({ where: { key: NAMES_KEY } });
  return valueSchema.parse(row?.value ?? {});
}
