import { readId } from "../../../../../server/http/params.ts";
import { route } from "../../../../../server/http/route.ts";
import { revokeApiToken } from "../../../../../server/services/api-tokens/revoke.ts";

export const DELETE = route<{ id: string }>("person", async ({ ctx, actor, params }) => {
  await revokeApiToken({ ctx, actor, input: { id: readId(params) } });
  return new Response(null, { status: 204 });
});
