import { createTokenRequestSchema, type CreateTokenResponse, type TokenList } from "@sonde/protocol/rest";
import { installLine } from "../../../../server/http/install-line.ts";
import { readJson } from "../../../../server/http/body.ts";
import { json, route } from "../../../../server/http/route.ts";
import { createToken } from "../../../../server/services/tokens/create.ts";
import { listTokens } from "../../../../server/services/tokens/list.ts";

export const GET = route("person", async ({ ctx, actor }) => {
  const list: TokenList = { items: await listTokens({ ctx, actor, input: null }) };
  return json(list);
});

export const POST = route("person", async ({ ctx, actor, request }) => {
  const input = await readJson(request, createTokenRequestSchema);
  const { id, token, expiresAt } = await createToken({ ctx, actor, input });
  const created: CreateTokenResponse = { id, token, expiresAt: expiresAt.toISOString(), installLine: installLine(ctx, token) };
  return json(created, 201);
});
