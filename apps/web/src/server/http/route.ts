import { CodedError, isCodedError } from "@sonde/protocol";
import { getCtx, type Ctx } from "../context.ts";
import { CLIENT_ADDRESS_HEADER } from "../auth/client-address.ts";
import { isLoopbackHost } from "../boot/addresses.ts";
import { authenticateApiToken } from "../services/api-tokens/authenticate.ts";
import type { Actor, TokenInfo } from "../services/call.ts";
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
 * A REST route: finds the actor, who is a program when the request has a bearer token, and else the person of the
 * cookie, whose Origin is checked; and renders every failure as a problem document. `public` routes take notice of
 * neither; `monitor` routes let who has neither pass on the hub's own machine, as its shell. What an actor may is for
 * the verb to say.
 */
export function route<P extends Params = Params>(
  access: "person" | "monitor" | "public",
  run: (call: RouteCall<P>) => Promise<Response>,
): NextRoute<P> {
  return async (request, segment) => {
    const ctx = getCtx();
    try {
      const address = request.headers.get(CLIENT_ADDRESS_HEADER) ?? "unknown";
      const actor = await actorFor(access, ctx, request, address);
      return await run({ ctx, actor, request, params: await segment.params, address });
    } catch (error) {
      return problemResponse(error, ctx.log);
    }
  };
}

function actorFor(access: "person" | "monitor" | "public", ctx: Ctx, request: Request, address: string): Actor | Promise<Actor> {
  if (access === "public") return { kind: "anonymous" };
  const bare = !request.headers.has("authorization") && !request.headers.has("cookie");
  if (access === "monitor" && bare && ctx.loopbackIsLocal && isLoopbackHost(address)) return { kind: "local" };
  return actorOf(ctx, request, address);
}

/** Throws NOT_SIGNED_IN, BAD_ORIGIN, API_TOKEN_REFUSED, TOO_MANY. */
async function actorOf(ctx: Ctx, request: Request, address: string): Promise<Actor> {
  const secret = bearerOf(request);
  if (secret !== null) return { kind: "token", token: await tokenOf(ctx, secret, address) };
  if (request.method !== "GET" && request.method !== "HEAD") requireOwnOrigin(ctx, request);
  const session = await ctx.auth.session(request.headers);
  if (!session) throw new CodedError("NOT_SIGNED_IN");
  return { kind: "user", session };
}

/** The secret of `Authorization: Bearer`; null without that header. Throws API_TOKEN_REFUSED for another scheme. */
export function bearerOf(request: Request): string | null {
  const header = request.headers.get("authorization");
  if (header === null) return null;
  const secret = /^bearer +(\S+)$/i.exec(header)?.[1];
  if (secret === undefined) throw new CodedError("API_TOKEN_REFUSED", "The Authorization header must be: Bearer, and an API token");
  return secret;
}

/** Whoever fails too often waits, so that guessing costs the database nothing. Throws API_TOKEN_REFUSED, TOO_MANY. */
export async function tokenOf(ctx: Ctx, secret: string, address: string): Promise<TokenInfo> {
  if (ctx.tokenThrottle.spent(address))
    throw new CodedError("TOO_MANY", "Too many refused API tokens came from your address; wait a minute");
  try {
    return await authenticateApiToken(ctx, secret);
  } catch (error) {
    if (isCodedError(error)) ctx.tokenThrottle.allow(address);
    throw error;
  }
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
