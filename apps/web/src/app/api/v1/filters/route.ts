import { createFilterRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../server/http/body.ts";
import { json, route } from "../../../../server/http/route.ts";
import { createFilter } from "../../../../server/services/filters/create.ts";
import { listFilters } from "../../../../server/services/filters/list.ts";

export const GET = route("person", async ({ ctx, actor }) => json(await listFilters({ ctx, actor, input: null })));

export const POST = route("person", async ({ ctx, actor, request }) =>
  json(await createFilter({ ctx, actor, input: await readJson(request, createFilterRequestSchema) }), 201),
);
