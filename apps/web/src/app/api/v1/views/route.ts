import { createViewRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../server/http/body.ts";
import { json, route } from "../../../../server/http/route.ts";
import { listViews } from "../../../../server/services/views/list.ts";
import { saveView } from "../../../../server/services/views/save.ts";

export const GET = route("person", async ({ ctx, actor }) => json({ items: await listViews({ ctx, actor, input: null }) }));

export const POST = route("person", async ({ ctx, actor, request }) =>
  json(await saveView({ ctx, actor, input: await readJson(request, createViewRequestSchema) }), 201),
);
