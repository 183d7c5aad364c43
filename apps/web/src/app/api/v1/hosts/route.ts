import { hostListQuerySchema } from "@sonde/protocol/rest";
import { parseInput } from "../../../../server/http/body.ts";
import { json, route } from "../../../../server/http/route.ts";
import { listHosts } from "../../../../server/services/hosts/list.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  const { cursor = null, limit } = parseInput(hostListQuerySchema, Object.fromEntries(new URL(request.url).searchParams));
  return json(await listHosts({ ctx, actor, input: { cursor, limit } }));
});
