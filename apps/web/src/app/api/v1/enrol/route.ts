import { CodedError } from "@sonde/protocol";
import { enrolRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../server/http/body.ts";
import { json, route } from "../../../../server/http/route.ts";
import { enrolHost } from "../../../../server/services/hosts/enrol.ts";

export const POST = route("public", async ({ ctx, actor, request, address }) => {
  if (!ctx.enrolThrottle.allow(address)) throw new CodedError("TOO_MANY");
  const input = await readJson(request, enrolRequestSchema);
  return json(await enrolHost({ ctx, actor, input }), 201);
});
