import { CodedError } from "@sonde/protocol";
import { getCtx, type Ctx } from "../context.ts";
import { CLIENT_ADDRESS_HEADER } from "../auth/client-address.ts";
import type { Actor } from "../services/call.ts";
import { problemResponse } from "./problem.ts";

export type RouteCall<P> = {
  readonly ctx: Ctx;
  readonly actor: Actor;
  readonly request: Request;
  readonly params: P;
  readonly address: string;
};
type Params = Record<string, string>;
type NextRoute<P> = (request: Request, segment: { params: Promise<P> }) => Promise<Response>;

/**
 * A REST route: checks the Origin of what a browser sends with its cookie, finds the actor, and renders every
 * failure as a problem document. `public` routes take no notice of cookies.
 */
export function route<P extends Params = Params>(
  access: "person" | "public",
  run: (call: RouteCall<P>) => Promise<Response>,
): NextRoute<P> {
  return async (request, segment) => {
    const ctx = getCtx();
    try {
      const actor = access === "person" ? await personOf(ctx, request) : ({ kind: "anonymous" } as const);
      const address = request.headers.get(CLIENT_ADDRESS_HEADER) ?? "unknown";
      return await run({ ctx, actor, request, params: await segment.params, address });
    } catch (error) {
      return problemResponse(error, ctx.log);
    }
  };
}

async function personOf(ctx: Ctx, request: Request): Promise<Actor> {
  if (request.method !== "GET" && request.method !== "HEAD") requireOwnOrigin(ctx, request);
  const session = await ctx.auth.session(request.headers);
  if (!session) throw new CodedError("NOT_SIGNED_IN");
  return { kind: "user", session };
}

/** A browser names its origin on every state-changing request; one that is missing is as wrong as a foreign one. Throws BAD_ORIGIN. */
export function requireOwnOrigin(ctx: Ctx, request: Request): void {
  const origin = request.headers.get("origin");
  if (origin === null || !ctx.origins.includes(origin)) throw new CodedError("BAD_ORIGIN");
}

/** JSON that no cache keeps. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
