import ipaddr from "ipaddr.js";
import type { Logger } from "pino";
import type { Clock } from "../../clock.ts";
import type { Ctx } from "../../context.ts";

/** Addresses that wait, questions under way, and questions a second at most. */
const MAX_WAITING = 2_000;
const MAX_ASKING = 8;
const TICK_MS = 100;
const PER_TICK = 2;
/** How long an answer is believed, that there is no name, and that the resolver failed. */
const NAME_MS = 24 * 3_600_000;
const NONE_MS = 3_600_000;
const FAILED_MS = 300_000;
/** Names kept at most. */
const MAX_KEPT = 100_000;
const TIDY_MS = 600_000;

export type ReverseDnsCounts = { readonly asked: number; readonly failed: number; readonly dropped: number };
export type ReverseDns = {
  /** What is stored and not too old; null: there is no name. */
  known(addresses: readonly string[]): Promise<Map<string, string | null>>;
  /** Asks in the background; answers how many of them are waited for now. Those beyond 2,000 waiting are dropped and counted. */
  ask(addresses: readonly string[]): number;
  counts(): ReverseDnsCounts;
  /** Idempotent. */
  stop(): void;
};
export type ReverseDnsOptions = {
  readonly db: Ctx["db"];
  readonly clock: Clock;
  readonly log: Logger;
  /** PTR records of a name, as node:dns has it: rejects with a code, and within seconds. (Its reverse() does not tell a failure from no name.) */
  readonly resolvePtr: (name: string) => Promise<readonly string[]>;
};

/** Names by reverse DNS, kept in the database: at most 20 questions a second and 8 at once, none while somebody waits. */
export function createReverseDns({ db, clock, log, resolvePtr }: ReverseDnsOptions): ReverseDns {
  const waiting = new Set<string>();
  const asking = new Set<string>();
  const counts = { asked: 0, failed: 0, dropped: 0 };
  let stopped = false;
  let stopTicking: (() => void) | null = null;

  const tick = (): void => {
    for (const address of [...waiting].slice(0, Math.min(PER_TICK, MAX_ASKING - asking.size))) {
      waiting.delete(address);
      asking.add(address);
      void lookUp(address).finally(() => asking.delete(address));
    }
    if (waiting.size > 0) return;
    stopTicking?.();
    stopTicking = null;
  };
  async function lookUp(address: string): Promise<void> {
    counts.asked++;
    const { name, keepMs } = await answerOf(address);
    if (stopped) return;
    const row = { name, expiresAt: new Date(clock.now() + keepMs) };
    try {
      await db.addressName.upsert({ where: { address }, create: { address, ...row }, update: row });
    } catch (error) {
      log.warn({ event: "reverse-dns", error: String(error) }, "a name could not be stored");
    }
  }
  async function answerOf(address: string): Promise<{ name: string | null; keepMs: number }> {
    try {
      const name = (await resolvePtr(pointerOf(address))).find(isHostName) ?? null;
      return { name, keepMs: name === null ? NONE_MS : NAME_MS };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (code === "ENOTFOUND" || code === "ENODATA") return { name: null, keepMs: NONE_MS };
      counts.failed++;
      return { name: null, keepMs: FAILED_MS };
    }
  }
  async function tidy(): Promise<void> {
    await db.$executeRaw`DELETE FROM address_name WHERE expires_at < ${new Date(clock.now())} OR address IN
      (SELECT address FROM address_name ORDER BY expires_at DESC OFFSET ${MAX_KEPT})`;
  }
  const stopTidying = clock.every(TIDY_MS, () => {
    tidy().catch((error: unknown) =>
      log.warn({ event: "reverse-dns", error: String(error) }, "old names were not removed; it is tried again"),
    );
  });

  return {
    async known(addresses) {
      const rows = await db.addressName.findMany({ where: { address: { in: [...addresses] }, expiresAt: { gt: new Date(clock.now()) } } });
      return new Map(rows.map((row) => [row.address, row.name]));
    },
    ask(addresses) {
      let pending = 0;
      for (const address of new Set(addresses)) {
        const under = waiting.has(address) || asking.has(address);
        if (!under && (stopped || waiting.size >= MAX_WAITING)) {
          counts.dropped++;
          continue;
        }
        if (!under) waiting.add(address);
        pending++;
      }
      if (waiting.size > 0) stopTicking ??= clock.every(TICK_MS, tick);
      return pending;
    },
    counts: () => ({ ...counts }),
    stop() {
      stopped = true;
      waiting.clear();
      stopTicking?.();
      stopTidying();
    },
  };
}

/** Where the PTR records of an address are (RFC 1035 3.5, RFC 3596 2.5). */
function pointerOf(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray();
  if (bytes.length === 4) return `${bytes.toReversed().join(".")}.in-addr.arpa`;
  const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 15]);
  return `${nibbles
    .toReversed()
    .map((nibble) => nibble.toString(16))
    .join(".")}.ip6.arpa`;
}

/** Whoever owns an address says what its name is: only what a host name may hold is taken (RFC 1123, and the underscore). */
function isHostName(name: string): boolean {
  return name.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(name);
}
