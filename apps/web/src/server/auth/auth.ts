import { hash, verify } from "@node-rs/argon2";
import { CodedError } from "@sonde/protocol";
import { betterAuth } from "better-auth";
import { isAPIError } from "better-auth/api";
import { prismaAdapter } from "better-auth/adapters/prisma";
import type { Logger } from "pino";
import type { PrismaClient } from "../../../../../prisma/generated/client.ts";
import type { Clock } from "../clock.ts";
import type { Auth } from "../context.ts";
import { accountThrottle } from "./account-throttle.ts";
import { adminLinkPlugin } from "./admin-link-plugin.ts";
import { CLIENT_ADDRESS_HEADER } from "./client-address.ts";

export type AuthOptions = {
  readonly db: PrismaClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly secret: string;
  readonly url: string;
  readonly origins: readonly string[];
};

/** argon2id with the library's parameters, as a PHC string. */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

/** People's sign-in: e-mail and password, or a one-time link; no sign-up. Throttled per address and per account. */
export function createAuth(options: AuthOptions): Auth {
  const { db, clock, log } = options;
  const auth = betterAuth({
    appName: "Sonde",
    baseURL: options.url,
    basePath: "/api/auth",
    secret: options.secret,
    trustedOrigins: [...options.origins],
    telemetry: { enabled: false },
    database: prismaAdapter(db, { provider: "postgresql" }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: 200,
      password: { hash: hashPassword, verify: ({ hash: stored, password }) => verify(stored, password) },
    },
    session: {
      expiresIn: 7 * 24 * 3600,
      updateAge: 24 * 3600,
      additionalFields: { viaLink: { type: "boolean", input: false, defaultValue: false, required: false } },
    },
    rateLimit: {
      enabled: true,
      storage: "database",
      window: 60,
      max: 300,
      customRules: {
        "/sign-in/email": { window: 60, max: 5 },
        "/admin-link/consume": { window: 60, max: 10 },
      },
    },
    advanced: {
      cookiePrefix: "sonde",
      useSecureCookies: options.url.startsWith("https:"),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: "/" },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    onAPIError: { onError: (error) => logFailure(log, error) },
    logger: {
      level: "warn",
      log: (level, message) => log[level === "error" ? "error" : "warn"]({ event: "auth" }, message),
    },
    plugins: [adminLinkPlugin({ db, clock }), accountThrottle({ db, clock })],
  });

  return {
    handler: (request) => auth.handler(request),
    async session(headers) {
      const found = await auth.api.getSession({ headers }).catch((cause: unknown) => {
        throw isAPIError(cause) && cause.statusCode >= 500 ? new CodedError("UNAVAILABLE", undefined, { cause }) : cause;
      });
      if (!found) return null;
      const { session, user } = found;
      return {
        sessionId: session.id,
        userId: user.id,
        email: user.email,
        viaLink: session.viaLink === true,
        createdAt: session.createdAt,
      };
    },
  };
}

/** Refusals are answers, not failures; anything else is. */
function logFailure(log: Logger, error: unknown): void {
  if (isAPIError(error) && error.statusCode < 500) log.info({ event: "auth-refused", status: error.statusCode }, "sign-in refused");
  else log.error({ event: "auth-failed", error: error instanceof Error ? error.stack : typeof error }, "sign-in failed");
}
