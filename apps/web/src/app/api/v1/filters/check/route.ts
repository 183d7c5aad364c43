import { checkFilterRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../../server/http/body.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { checkFilter } from "../../../../../server/services/filters/check.ts";

export const POST = route("person", async ({ ctx, actor, request }) =>
  json(await checkFilter({ ctx, actor, input: await readJson(request, checkFilterRequestSchema) })),
);
