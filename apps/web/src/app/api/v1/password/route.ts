import { setPasswordSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../server/http/body.ts";
import { route } from "../../../../server/http/route.ts";
import { setPassword } from "../../../../server/services/account/set-password.ts";

export const POST = route("person", async ({ ctx, actor, request }) => {
  await setPassword({ ctx, actor, input: await readJson(request, setPasswordSchema) });
  return new Response(null, { status: 204 });
});
