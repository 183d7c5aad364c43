import { readId } from "../../../../../../server/http/params.ts";
import { json, route } from "../../../../../../server/http/route.ts";
import { stopCapture } from "../../../../../../server/services/captures/stop.ts";

export const POST = route<{ id: string }>("person", async ({ ctx, actor, params }) =>
  json(await stopCapture({ ctx, actor, input: { id: readId(params) } })),
);
