import { flowExportQuerySchema } from "@sonde/protocol/rest";
import { download } from "../../../../../server/http/download.ts";
import { readQuery } from "../../../../../server/http/params.ts";
import { route } from "../../../../../server/http/route.ts";
import { exportFlows } from "../../../../../server/services/query/export.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  const input = readQuery(request, flowExportQuerySchema);
  return download("flows", input.format, await exportFlows({ ctx, actor, input }));
});
