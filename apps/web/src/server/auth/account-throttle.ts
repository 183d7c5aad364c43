import { createHash, randomUUID } from "node:crypto";
import { APIError, createAuthMiddleware } from "better-auth/api";
import type { BetterAuthPlugin } from "better-auth";
import { z } from "zod";
import type { VerbCtx } from "../services/call.ts";

const WINDOW_MS = 15 * 60_000;
const MAX_ATTEMPTS = 10;
const SIGN_IN = "/sign-in/email";
const bodySchema = z.object({ email: z.string().max(300) });

/**
 * At most ten failed sign-ins per account in 15 minutes, from wherever they come; the one-time link remains.
 * Counted before the password is checked, by one statement, so that parallel guesses cannot slip through.
 */
export function accountThrottle({ db, clock }: VerbCtx) {
  return {
    id: "account-throttle",
    // Matches nothing: the library forgets rows of this table older than the longest window it has been told of.
    rateLimit: [{ pathMatcher: () => false, window: WINDOW_MS / 1000, max: MAX_ATTEMPTS }],
    hooks: {
      before: [
        {
          matcher: (call: { path?: string | undefined }) => call.path === SIGN_IN,
          handler: createAuthMiddleware(async (call) => {
            const body = bodySchema.safeParse(call.body);
            if (!body.success) return;
            const now = BigInt(clock.now());
            const rows = await db.$queryRaw<{ count: number }[]>`
              INSERT INTO rate_limit (id, key, count, last_request) VALUES (${randomUUID()}, ${keyOf(body.data.email)}, 1, ${now})
              ON CONFLICT (key) DO UPDATE SET
                count = CASE WHEN rate_limit.last_request <= ${now - BigInt(WINDOW_MS)} THEN 1 ELSE rate_limit.count + 1 END,
                last_request = CASE WHEN rate_limit.count >= ${MAX_ATTEMPTS} AND rate_limit.last_request > ${now - BigInt(WINDOW_MS)}
                  THEN rate_limit.last_request ELSE ${now} END
              RETURNING count`;
            if ((rows[0]?.count ?? 0) > MAX_ATTEMPTS) {
              throw new APIError("TOO_MANY_REQUESTS", {
                code: "TOO_MANY",
                message: "Too many attempts for this account; wait 15 minutes or use a one-time link",
              });
            }
          }),
        },
      ],
      after: [
        {
          matcher: (call: { path?: string | undefined }) => call.path === SIGN_IN,
          handler: createAuthMiddleware(async (call) => {
            const signedIn = call.context.newSession?.user.email;
            if (signedIn) await db.rateLimit.deleteMany({ where: { key: keyOf(signedIn) } });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

function keyOf(email: string): string {
  return `account:${createHash("sha256").update(email.trim().toLowerCase()).digest("base64url")}`;
}
