import { flowTopExportQuerySchema } from "@sonde/protocol/rest";
import { download } from "../../../../../server/http/download.ts";
import { readQuery } from "../../../../../server/http/params.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { exportTop } from "../../../../../server/services/query/export.ts";
import { topOfFlows } from "../../../../../server/services/query/top.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  const { format, ...input } = readQuery(request, flowTopExportQuerySchema);
  const top = await topOfFlows({ ctx, actor, input });
  return format === undefined ? json(top) : download("top", format, exportTop(top, format));
});
