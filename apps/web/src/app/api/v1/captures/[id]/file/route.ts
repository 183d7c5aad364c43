import { captureFileQuerySchema } from "@sonde/protocol/rest";
import { download } from "../../../../../../server/http/download.ts";
import { readId, readQuery } from "../../../../../../server/http/params.ts";
import { route } from "../../../../../../server/http/route.ts";
import { captureFile } from "../../../../../../server/services/captures/file.ts";

export const GET = route<{ id: string }>("person", async ({ ctx, actor, request, params }) => {
  const { follow } = readQuery(request, captureFileQuerySchema);
  const { name, ...file } = await captureFile({ ctx, actor, input: { id: readId(params), follow: follow === "true" } });
  return download(name, "pcapng", file);
});
