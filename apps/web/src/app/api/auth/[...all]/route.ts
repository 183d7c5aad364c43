import { readLimited } from "../../../../server/http/body.ts";
import { problemResponse } from "../../../../server/http/problem.ts";
import { requireOwnOrigin } from "../../../../server/http/route.ts";
import { getCtx } from "../../../../server/context.ts";

const MAX_BODY_BYTES = 16 * 1024;

/** Sign-in, sign-out, session and one-time link (better-auth), with a limit on the body. */
async function handle(request: Request): Promise<Response> {
  const ctx = getCtx();
  try {
    if (request.method === "GET") return await ctx.auth.handler(request);
    requireOwnOrigin(ctx, request); // before the sign-in library's own check, which lets requests without a cookie pass
    const body = new Uint8Array(await readLimited(request, MAX_BODY_BYTES));
    return await ctx.auth.handler(new Request(request.url, { method: request.method, headers: request.headers, body }));
  } catch (error) {
    return problemResponse(error, ctx.log);
  }
}

export { handle as GET, handle as POST };
