import { passportSchema } from "@sonde/protocol";
import type { CaptureBatch, FileHost } from "../../../domain/captureFile/index.ts";
import type { VerbCtx } from "../call.ts";
import { captureHosts } from "./rows.ts";

/** What a file needs to know of the hosts whose packets come, read when the first of each, or of a new interface, does. */
export class FileHosts {
  private readonly ctx: Pick<VerbCtx, "db">;
  private readonly captureId: string;
  private readonly known = new Map<string, FileHost>();

  constructor(ctx: Pick<VerbCtx, "db">, captureId: string) {
    this.ctx = ctx;
    this.captureId = captureId;
  }

  /** One that was read. */
  readonly get = (id: string): FileHost => {
    const host = this.known.get(id);
    if (!host) throw new Error(`host ${id} of a capture was not read`);
    return host;
  };

  /** Reads what these batches need. `ifindexes`: of the interfaces that a batch names. */
  async read(batches: readonly CaptureBatch[], ifindexes: (batch: CaptureBatch) => ReadonlySet<number>): Promise<void> {
    const missing = batches.filter((batch) => {
      const host = this.known.get(batch.hostId);
      return !host || [...ifindexes(batch)].some((ifindex) => !host.interfaces.has(ifindex));
    });
    const ids = [...new Set(missing.map((batch) => batch.hostId))];
    if (ids.length === 0) return;
    const parts = await captureHosts(this.ctx, this.captureId, ids);
    const hosts = await this.ctx.db.host.findMany({
      where: { id: { in: ids } },
      // Of two that had one index at different times the one that is there counts.
      select: { id: true, os: true, kernel: true, passport: true, interfaces: { orderBy: [{ present: "asc" }, { id: "asc" }] } },
    });
    for (const host of hosts) {
      const part = parts.find((one) => one.hostId === host.id);
      if (!part) continue;
      const passport = passportSchema.safeParse(host.passport).data;
      const interfaces = new Map(
        host.interfaces.map(({ ifindex, name, kind, mac, hook }) => [
          ifindex,
          { name, description: [kind, ...(mac === null ? [] : [mac]), `by ${hook}`].join(", ") },
        ]),
      );
      for (const batch of missing) {
        // One that was never announced is not asked for with every batch.
        if (batch.hostId === host.id)
          for (const ifindex of ifindexes(batch))
            if (!interfaces.has(ifindex)) interfaces.set(ifindex, { name: `if${ifindex}`, description: "not announced by the host" });
      }
      const os = [host.os, host.kernel].filter((one) => one !== null).join(", ");
      const hardware = passport ? `${passport.arch}, ${passport.cpus} CPUs` : null;
      this.known.set(host.id, { ...part, os: os === "" ? null : os, hardware, interfaces });
    }
  }
}
