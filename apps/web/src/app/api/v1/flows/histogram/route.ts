import { flowHistogramExportQuerySchema } from "@sonde/protocol/rest";
import { download } from "../../../../../server/http/download.ts";
import { readQuery } from "../../../../../server/http/params.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { exportHistogram } from "../../../../../server/services/query/export.ts";
import { histogramOfFlows } from "../../../../../server/services/query/histogram.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  const { format, ...input } = readQuery(request, flowHistogramExportQuerySchema);
  const histogram = await histogramOfFlows({ ctx, actor, input });
  return format === undefined ? json(histogram) : download("histogram", format, exportHistogram(histogram, format));
});
