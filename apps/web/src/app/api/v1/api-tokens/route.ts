import { createApiTokenRequestSchema, type ApiTokenList } from "@sonde/protocol/rest";
import { readJson } from "../../../../server/http/body.ts";
import { json, route } from "../../../../server/http/route.ts";
import { createApiToken } from "../../../../server/services/api-tokens/create.ts";
import { listApiTokens } from "../../../../server/services/api-tokens/list.ts";

export const GET = route("person", async ({ ctx, actor }) => {
  const list: ApiTokenList = { items: await listApiTokens({ ctx, actor, input: null }) };
  return json(list);
});

export const POST = route("person", async ({ ctx, actor, request }) =>
  json(await createApiToken({ ctx, actor, input: await readJson(request, createApiTokenRequestSchema) }), 201),
);
