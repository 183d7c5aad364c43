import { ledgerQuerySchema } from "@sonde/protocol/rest";
import { readQuery } from "../../../../server/http/params.ts";
import { json, route } from "../../../../server/http/route.ts";
import { ledgerOfHosts } from "../../../../server/services/query/ledger.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  return json(await ledgerOfHosts({ ctx, actor, input: readQuery(request, ledgerQuerySchema) }));
});
