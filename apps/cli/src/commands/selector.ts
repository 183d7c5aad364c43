import { hostListSchema, type CreateCaptureRequest, type Host } from "@sonde/protocol/rest";
import { CommandError, UsageError } from "../errors.ts";
import type { Client } from "../hub/client.ts";

const PAGE = 500;

/** Every host that the token sees, in order of enrolment. */
export async function allHosts(client: Client): Promise<Host[]> {
  const items: Host[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await client.get("/hosts", hostListSchema, { limit: PAGE, cursor });
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
}

/** `KEY=VALUE` or `KEY=VALUE,VALUE`, each once or more: of every key one of the values. Throws UsageError. */
export function parseSelector(flag: string, pairs: readonly string[]): Record<string, string[]> {
  const selector: Record<string, string[]> = {};
  for (const pair of pairs) {
    const [key = "", values = ""] = pair.split(/=(.*)/s);
    if (key === "" || values === "")
      throw new UsageError(`${flag} wants KEY=VALUE or KEY=VALUE,VALUE, not ${JSON.stringify(pair.slice(0, 100))}`);
    selector[key] = [...(Object.hasOwn(selector, key) ? selector[key]! : []), ...values.split(",")];
  }
  return selector;
}

export type HostFlags = { readonly hosts?: string; readonly label: readonly string[]; readonly all?: boolean };

/** The hosts asked for, in exactly one way. Throws UsageError; CommandError for a name that is no host's, or of two. */
export async function hostsOf({ hosts, label, all }: HostFlags, client: Client): Promise<CreateCaptureRequest["hosts"]> {
  if ([hosts !== undefined, label.length > 0, all === true].filter(Boolean).length !== 1)
    throw new UsageError("say on which hosts, in one way: --hosts web-1,web-2, --label env=prod (repeatable), or --all");
  if (all === true) return "all";
  if (hosts === undefined) return { labels: parseSelector("--label", label) };
  const known = await allHosts(client);
  return [...new Set(hosts.split(",").map((name) => idOf(name.trim(), known)))];
}

function idOf(name: string, known: readonly Host[]): string {
  const found = known.filter((host) => host.id === name || host.name === name);
  const [host, other] = found;
  if (host === undefined) throw new CommandError(`there is no host ${JSON.stringify(name.slice(0, 100))}; sonde hosts lists them`);
  if (other !== undefined)
    throw new CommandError(`${found.length} hosts are named ${name}: use their ids, ${found.map(({ id }) => id).join(", ")}`);
  return host.id;
}
