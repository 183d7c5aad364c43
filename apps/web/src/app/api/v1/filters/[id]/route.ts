import { readId } from "../../../../../server/http/params.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { getFilter } from "../../../../../server/services/filters/get.ts";
import { removeFilter } from "../../../../../server/services/filters/remove.ts";

export const GET = route<{ id: string }>("person", async ({ ctx, actor, params }) =>
  json(await getFilter({ ctx, actor, input: { id: readId(params) } })),
);

export const DELETE = route<{ id: string }>("person", async ({ ctx, actor, params }) => {
  await removeFilter({ ctx, actor, input: { id: readId(params) } });
  return new Response(null, { status: 204 });
});
