import { readId } from "../../../../../server/http/params.ts";
import { route } from "../../../../../server/http/route.ts";
import { removeView } from "../../../../../server/services/views/remove.ts";

export const DELETE = route<{ id: string }>("person", async ({ ctx, actor, params }) => {
  await removeView({ ctx, actor, input: { id: readId(params) } });
  return new Response(null, { status: 204 });
});
