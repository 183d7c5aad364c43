import type { Writable } from "node:stream";
import { readAccount, type Account } from "./account.ts";
import { CommandError, UsageError } from "./errors.ts";
import { parseHubUrl } from "./hub/address.ts";
import { createClient, type Client } from "./hub/client.ts";
import { dialAgent, isPin } from "./hub/dial.ts";
import { formatRows, type Column, type Format } from "./output/rows.ts";
import { safeText } from "./output/text.ts";

/** What the composition root gives to the commands. */
export type Io = {
  /** Data: resolves once it is taken. */
  readonly out: (text: string) => Promise<void>;
  /** Words for the person: already a whole line. */
  readonly say: (line: string) => void;
  /** A secret from standard input, or typed without an echo. */
  readonly readSecret: (prompt: string) => Promise<string>;
  /** One line that the next call replaces, on a terminal alone; "" takes it away. */
  readonly status: (text: string) => void;
  /** Calls again and again; answers a disposer. */
  readonly every: (ms: number, run: () => void) => () => void;
  /** The first interrupt is the listener's; the next one ends the program. Answers a disposer. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Standard output for bytes; whoever takes it hears of its errors from then on. Null: it is a terminal. */
  readonly takeOutput: () => Writable | null;
  readonly now: () => number;
  /** Whether standard output is a terminal that may have bold letters. */
  readonly bold: boolean;
  readonly accountFile: string;
  readonly env: { readonly token: string | undefined; readonly hub: string | undefined; readonly pin: string | undefined };
  readonly ca: readonly string[] | undefined;
};

/** The account of the environment, which goes first, or of `sonde login`. Throws CommandError, UsageError. */
export function accountOf(io: Io): Account {
  const { token, hub, pin } = io.env;
  const stored = hub !== undefined && token !== undefined ? null : readAccount(io.accountFile);
  // A token goes to the hub it was stored with, and to no other.
  if (stored && hub !== undefined && token === undefined && hub !== stored.url)
    throw new UsageError(`SONDE_HUB names another hub than the one you logged in to (${stored.url}); set SONDE_TOKEN too, or log in`);
  const url = hub ?? stored?.url;
  const secret = token ?? stored?.token;
  if (url === undefined || secret === undefined) throw new CommandError("log in first: sonde login https://hub.example:7878");
  if (pin !== undefined && !isPin(pin)) throw new UsageError("SONDE_PIN wants sha256// and 44 characters of base64");
  return { url, token: secret, pin: pin ?? stored?.pin ?? null };
}

export function clientOf(io: Io, account: Account): Client {
  const url = parseHubUrl(account.url);
  return createClient({ url, token: account.token, agent: dialAgent({ url, pin: account.pin, ca: io.ca }) });
}

/** Runs with the hub of the account and closes the connection, whatever happens. */
export async function withHub<T>(io: Io, run: (client: Client) => Promise<T>): Promise<T> {
  const client = clientOf(io, accountOf(io));
  try {
    return await run(client);
  } finally {
    client.close();
  }
}

/** Writes rows out; a table that is empty says so on standard error. */
export async function print<T>(io: Io, rows: readonly T[], columns: readonly Column<T>[], format: Format): Promise<void> {
  for (const line of formatRows(rows, columns, format, io.bold)) await io.out(line);
  if (rows.length === 0 && format === "table") io.say("nothing found");
}

/** For words that hold what a hub or a host said. */
export const sayOf = (io: Pick<Io, "say">, text: string): void => io.say(safeText(text));
