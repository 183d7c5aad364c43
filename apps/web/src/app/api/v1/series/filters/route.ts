import { seriesQuerySchema } from "@sonde/protocol/rest";
import { readQuery } from "../../../../../server/http/params.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { seriesOfFilters } from "../../../../../server/services/query/series.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  return json(await seriesOfFilters({ ctx, actor, input: readQuery(request, seriesQuerySchema) }));
});
