import { apiTokenListSchema, createApiTokenResponseSchema, type ApiToken } from "@sonde/protocol/rest";
import { print, sayOf, withHub, type Io } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { Column, Format } from "../output/rows.ts";
import { safeJson } from "../output/text.ts";
import { ago, parseSpan } from "../output/times.ts";
import { parseSelector } from "./selector.ts";

export type CreateFlags = {
  readonly write?: boolean;
  readonly scope: readonly string[];
  readonly expires?: string;
  readonly output: Format;
};

/** `sonde token create`: the secret alone on standard output, so that it can go into a file or a pipe. */
export async function createToken(name: string, flags: CreateFlags, io: Io): Promise<void> {
  const body = {
    name,
    access: flags.write === true ? "write" : "read",
    scope: scopeOf(flags.scope),
    expiresAt: expiryOf(flags.expires, io.now()),
  };
  const made = await withHub(io, (client) => client.post("/api-tokens", createApiTokenResponseSchema, body));
  if (flags.output === "table") {
    sayOf(io, `API token ${made.name}: ${made.access}${describe(made)}. It is shown this once.`);
    await io.out(`${made.token}\n`);
  } else {
    await io.out(`${safeJson(made, flags.output === "json" ? 2 : 0)}\n`);
  }
}

/** `sonde token list`: without their secrets. */
export async function listTokens(flags: { readonly output: Format }, io: Io): Promise<void> {
  const { items } = await withHub(io, (client) => client.get("/api-tokens", apiTokenListSchema));
  const now = io.now();
  const exact = flags.output !== "table";
  const columns: Column<ApiToken>[] = [
    { head: "name", of: (token) => token.name },
    { head: "prefix", of: (token) => token.prefix },
    { head: "access", of: (token) => token.access },
    { head: "scope", of: (token) => scopeWords(token.scope) },
    { head: "state", of: (token) => token.state },
    { head: "expires", of: (token) => token.expiresAt },
    { head: "last used", of: (token) => (exact ? token.lastUsedAt : ago(token.lastUsedAt, now)) },
    { head: "id", of: (token) => token.id },
  ];
  await print(io, items, columns, flags.output);
}

/** `sonde token revoke`. */
export async function revokeToken(id: string, io: Io): Promise<void> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new UsageError("name the token by its id, as sonde token list shows it; never by its secret");
  await withHub(io, (client) => client.delete(`/api-tokens/${id}`));
  io.say(`Revoked ${id}`);
}

const scopeOf = (pairs: readonly string[]): Record<string, string[]> | null =>
  pairs.length === 0 ? null : parseSelector("--scope", pairs);

function expiryOf(text: string | undefined, now: number): string | null {
  if (text === undefined) return null;
  const span = parseSpan(text);
  const at = span === null ? new Date(text) : new Date(now + span);
  if (Number.isNaN(at.getTime())) throw new UsageError("--expires wants a span like 12h or 30d, or a time like 2026-12-31T00:00:00Z");
  return at.toISOString();
}

const scopeWords = (scope: ApiToken["scope"]): string | null =>
  scope === null
    ? null
    : Object.entries(scope)
        .map(([key, values]) => `${key}=${values.join(",")}`)
        .join(" ");

const describe = ({ scope, expiresAt }: ApiToken): string =>
  `${scope === null ? "" : `, hosts with ${scopeWords(scope)}`}${expiresAt === null ? "" : `, until ${expiresAt}`}`;
