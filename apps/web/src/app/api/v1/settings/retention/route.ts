import { retentionRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../../server/http/body.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { setRetention } from "../../../../../server/services/settings/retention.ts";
import { storageReport } from "../../../../../server/services/settings/storage.ts";

export const PUT = route("person", async ({ ctx, actor, request }) => {
  await setRetention({ ctx, actor, input: await readJson(request, retentionRequestSchema) });
  return json(await storageReport({ ctx, actor, input: null }));
});
