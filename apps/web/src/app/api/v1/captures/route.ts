import { captureListQuerySchema, createCaptureRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../server/http/body.ts";
import { readQuery } from "../../../../server/http/params.ts";
import { json, route } from "../../../../server/http/route.ts";
import { createCapture } from "../../../../server/services/captures/create.ts";
import { listCaptures } from "../../../../server/services/captures/list.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  const { cursor, limit } = readQuery(request, captureListQuerySchema);
  return json(await listCaptures({ ctx, actor, input: { cursor: cursor ?? null, limit } }));
});

export const POST = route("person", async ({ ctx, actor, request }) =>
  json(await createCapture({ ctx, actor, input: await readJson(request, createCaptureRequestSchema) }), 201),
);
