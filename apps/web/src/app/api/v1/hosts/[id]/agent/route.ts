import { readId } from "../../../../../../server/http/params.ts";
import { json, route } from "../../../../../../server/http/route.ts";
import { hostAgent } from "../../../../../../server/services/hosts/agent.ts";

export const GET = route<{ id: string }>("person", async ({ ctx, actor, params }) =>
  json(await hostAgent({ ctx, actor, input: { id: readId(params) } })),
);
