import { setPasswordSchema } from "@sonde/protocol/rest";
import type { SetPassword } from "@sonde/protocol/rest";
import { z } from "zod";
import { ApiClient } from "./client.ts";
import type { Fetch } from "./client.ts";

/** What a person does with their own account: better-auth's endpoints, and the first password. Throws ApiError. */
export type Account = {
  signIn(email: string, password: string): Promise<void>;
  /** Uses up the one-time link and signs in; says whether the account has a password yet. */
  consumeLink(token: string): Promise<{ passwordSet: boolean }>;
  setPassword(input: SetPassword): Promise<void>;
  signOut(): Promise<void>;
};

const consumedSchema = z.object({ passwordSet: z.boolean() });

export function createAccount(fetchFn: Fetch): Account {
  const auth = new ApiClient(fetchFn, "/api/auth");
  const api = new ApiClient(fetchFn);
  return {
    signIn: (email, password) => auth.send({ method: "POST", path: "/sign-in/email", body: { email, password } }),
    consumeLink: (token) => auth.call({ method: "POST", path: "/admin-link/consume", body: { token } }, consumedSchema),
    setPassword: (input) => api.send({ method: "POST", path: "/password", body: input }),
    signOut: () => auth.send({ method: "POST", path: "/sign-out", body: {} }),
  };
}

/** Which fields the hub would refuse, found before asking it. */
export function badPasswordFields(input: SetPassword): ReadonlySet<string> {
  const parsed = setPasswordSchema.safeParse(input);
  return new Set(parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0])));
}
