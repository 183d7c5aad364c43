import { readId } from "../../../../../server/http/params.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { getHost } from "../../../../../server/services/hosts/get.ts";
import { removeHost } from "../../../../../server/services/hosts/remove.ts";

export const GET = route<{ id: string }>("person", async ({ ctx, actor, params }) =>
  json(await getHost({ ctx, actor, input: { id: readId(params) } })),
);

export const DELETE = route<{ id: string }>("person", async ({ ctx, actor, params }) => {
  await removeHost({ ctx, actor, input: { id: readId(params) } });
  return new Response(null, { status: 204 });
});
