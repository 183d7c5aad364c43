import { setLabelsRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../../../server/http/body.ts";
import { readId } from "../../../../../../server/http/params.ts";
import { json, route } from "../../../../../../server/http/route.ts";
import { getLabels } from "../../../../../../server/services/hosts/labels-get.ts";
import { setLabels } from "../../../../../../server/services/hosts/labels-set.ts";

export const GET = route<{ id: string }>("person", async ({ ctx, actor, params }) =>
  json(await getLabels({ ctx, actor, input: { id: readId(params) } })),
);

export const PUT = route<{ id: string }>("person", async ({ ctx, actor, params, request }) => {
  const { labels } = await readJson(request, setLabelsRequestSchema);
  return json(await setLabels({ ctx, actor, input: { id: readId(params), labels } }));
});
