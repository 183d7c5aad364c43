import { z } from "zod";
import { parseInput } from "../../../../server/http/body.ts";
import { json, route } from "../../../../server/http/route.ts";
import { listHosts } from "../../../../server/services/hosts/list.ts";

const querySchema = z.object({
  cursor: z.string().max(200).nullable().default(null),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});

export const GET = route("person", async ({ ctx, actor, request }) => {
  const input = parseInput(querySchema, Object.fromEntries(new URL(request.url).searchParams));
  return json(await listHosts({ ctx, actor, input }));
});
