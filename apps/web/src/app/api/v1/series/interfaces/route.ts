import { seriesQuerySchema } from "@sonde/protocol/rest";
import { readQuery } from "../../../../../server/http/params.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { seriesOfInterfaces } from "../../../../../server/services/query/series.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  return json(await seriesOfInterfaces({ ctx, actor, input: readQuery(request, seriesQuerySchema) }));
});
