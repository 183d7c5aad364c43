import { readId } from "../../../../../server/http/params.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { getCapture } from "../../../../../server/services/captures/get.ts";
import { removeCapture } from "../../../../../server/services/captures/remove.ts";

export const GET = route<{ id: string }>("person", async ({ ctx, actor, params }) =>
  json(await getCapture({ ctx, actor, input: { id: readId(params) } })),
);

export const DELETE = route<{ id: string }>("person", async ({ ctx, actor, params }) => {
  await removeCapture({ ctx, actor, input: { id: readId(params) } });
  return new Response(null, { status: 204 });
});
