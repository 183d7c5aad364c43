import { createAuthEndpoint } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import type { BetterAuthPlugin } from "better-auth";
import { errorCodes, isCodedError } from "@sonde/protocol";
import { z } from "zod";
import { consumeAdminLink } from "../services/admin-links/consume.ts";
import type { VerbCtx } from "../services/call.ts";

const bodySchema = z.object({ token: z.string().min(10).max(200) });

/**
 * POST /api/auth/admin-link/consume `{ token }`: takes the one-time link and signs in. Answers `{ passwordSet }`;
 * a refusal is 401 with `{ code, message }`, code LINK_UNKNOWN, LINK_EXPIRED or LINK_USED. Only a POST takes the link.
 */
export function adminLinkPlugin(ctx: VerbCtx) {
  return {
    id: "admin-link",
    endpoints: {
      consumeAdminLink: createAuthEndpoint("/admin-link/consume", { method: "POST", body: bodySchema }, async (call) => {
        const consumed = await consumeAdminLink({ ctx, actor: { kind: "anonymous" }, input: call.body }).catch((error: unknown) => {
          if (!isCodedError(error)) throw error;
          throw call.error("UNAUTHORIZED", { code: error.code, message: errorCodes[error.code].title });
        });
        const { user, hasPassword } = consumed;
        const session = await call.context.internalAdapter.createSession(user.id, false, { viaLink: true }, true);
        await setSessionCookie(call, { session, user });
        return call.json({ passwordSet: hasPassword });
      }),
    },
  } satisfies BetterAuthPlugin;
}
