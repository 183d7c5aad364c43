import { namesRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../server/http/body.ts";
import { json, route } from "../../../../server/http/route.ts";
import { resolveNames } from "../../../../server/services/names/resolve.ts";

export const POST = route("person", async ({ ctx, actor, request }) =>
  json(await resolveNames({ ctx, actor, input: await readJson(request, namesRequestSchema) })),
);
