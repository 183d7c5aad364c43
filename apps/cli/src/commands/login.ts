import { API_TOKEN_PREFIX, hubInfoSchema } from "@sonde/protocol/rest";
import { removeAccount, writeAccount } from "../account.ts";
import { clientOf, sayOf, type Io } from "../context.ts";
import { UsageError } from "../errors.ts";
import { parseHubUrl } from "../hub/address.ts";
import { isPin } from "../hub/dial.ts";

/** `sonde login`: keeps a hub's address and a token that the hub has taken. Throws UsageError, CommandError. */
export async function login(address: string, flags: { readonly pin?: string }, io: Io): Promise<void> {
  const url = parseHubUrl(address);
  const pin = flags.pin ?? null;
  if (pin !== null && !isPin(pin)) throw new UsageError("--pin wants sha256// and 44 characters of base64");
  if (pin !== null && url.protocol !== "https:") throw new UsageError("--pin needs an https:// hub");
  const token = (io.env.token ?? (await io.readSecret(`API token for ${url.origin}: `))).trim();
  if (token === "") throw new UsageError("the token is empty: give it on standard input, type it, or set SONDE_TOKEN");
  if (!token.startsWith(API_TOKEN_PREFIX))
    throw new UsageError(`this is no API token: one begins with ${API_TOKEN_PREFIX}; Settings makes them`);
  const account = { url: url.origin, pin, token };
  const client = clientOf(io, account);
  try {
    const { version } = await client.get("/hub", hubInfoSchema);
    writeAccount(io.accountFile, account);
    sayOf(io, `Logged in to ${url.origin} (Sonde ${version}); kept in ${io.accountFile}`);
  } finally {
    client.close();
  }
}

/** `sonde logout`: forgets them. The token itself stays good until it is revoked. */
export function logout(io: Io): void {
  removeAccount(io.accountFile);
  io.say("Logged out here. The token stays good until it is revoked: sonde token revoke");
}
