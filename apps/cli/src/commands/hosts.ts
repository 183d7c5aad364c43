import type { Host } from "@sonde/protocol/rest";
import { print, withHub, type Io } from "../context.ts";
import type { Column, Format } from "../output/rows.ts";
import { ago } from "../output/times.ts";
import { allHosts } from "./selector.ts";

/** `sonde hosts`: every host that the token sees, in order of enrolment. */
export async function hosts(flags: { readonly output: Format }, io: Io): Promise<void> {
  const found = await withHub(io, allHosts);
  const now = io.now();
  const exact = flags.output !== "table";
  const columns: Column<Host>[] = [
    { head: "name", of: (host) => host.name },
    { head: "status", of: (host) => host.status },
    { head: "last seen", of: (host) => (exact ? host.lastSeen : ago(host.lastSeen, now)) },
    { head: "labels", of: (host) => host.labels.map(({ key, value }) => `${key}=${value}`).join(" ") },
    { head: "os", of: (host) => host.os },
    { head: "kernel", of: (host) => host.kernel },
    { head: "agent", of: (host) => host.agentVersion },
    { head: "id", of: (host) => host.id },
  ];
  await print(io, found, columns, flags.output);
}
