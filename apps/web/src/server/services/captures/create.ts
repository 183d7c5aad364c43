import { randomUUID } from "node:crypto";
import { CodedError } from "@sonde/protocol";
import type { CaptureDetail, createCaptureRequestSchema } from "@sonde/protocol/rest";
import type { z } from "zod";
import { Prisma } from "../../../../../../prisma/generated/client.ts";
import type { Ctx } from "../../context.ts";
import { isLow, readDisk, type ReadDisk } from "../../store/disk.ts";
import { actorName, audit, requireWriter, scopeOf, type Actor, type Call, type Tx, type VerbCtx } from "../call.ts";
import { compileOrThrow } from "../filters/compile.ts";
import { OF_MANY_HOSTS, assignSets } from "../filters/assign.ts";
import { inScope } from "../hosts/in-scope.ts";
import { getCapture } from "./get.ts";

/** Captures that may run at once: each is a bit of its hosts' filter sets. */
const MAX_RUNNING = 8;
/** Hosts of a capture, as its trail names them; beyond that their number says enough. */
const MAX_NAMED = 100;

type Hosts = CreateCapture["hosts"];
export type CreateCapture = z.output<typeof createCaptureRequestSchema>;
/** `readDisk` is injected by tests. */
type CreateCtx = VerbCtx & Pick<Ctx, "hub" | "compileFilter" | "series"> & { readonly readDisk?: ReadDisk };

/**
 * Begins a capture on the hosts that are there now, and returns before they have heard of it. Throws FILTER_EXPRESSION
 * with the place, FILTER_LIMIT, NOT_FOUND (no such host), FORBIDDEN, BUSY (compiler or disk).
 */
export async function createCapture({ ctx, actor, input }: Call<CreateCapture, CreateCtx>): Promise<CaptureDetail> {
  requireWriter(actor);
  const { ethernet, raw } = await compileOrThrow(ctx, input.expression);
  if (isLow(await (ctx.readDisk ?? readDisk)(ctx.series)))
    throw new CodedError("BUSY", "The disk of the hub's database is nearly full: there is no room for a capture");
  const at = ctx.clock.now();
  const [by, id, filterId] = [actorName(actor), randomUUID(), randomUUID()];
  const { expression, snaplen, seconds: maxSeconds, reason = null } = input;
  await ctx.db.$transaction(async (tx) => {
    const hostIds = await resolveHosts(tx, actor, input.hosts);
    await tx.filter.create({
      data: { id: filterId, expression, sampleN: 1, snaplen, ethernet, raw: raw ?? Prisma.DbNull, createdBy: by, createdAt: new Date(at) },
    });
    const name = input.name ?? (expression === "" ? "all packets" : expression.slice(0, 200));
    const [maxPackets, maxBytes] = [BigInt(input.maxPackets), BigInt(input.maxBytes)];
    const limits = { snaplen, maxSeconds, maxPackets, maxBytes };
    await tx.capture.create({ data: { id, name, filterId, reason, ...limits, createdBy: by, createdAt: new Date(at) } });
    await tx.$executeRaw`INSERT INTO capture_host (capture_id, host_id) SELECT ${id}::uuid, h FROM unnest(${hostIds}::uuid[]) AS h`;
    await assignSets(tx, { at, actor: by }); // under its lock captures come one after the other
    if ((await tx.capture.count({ where: { filter: { removedAt: null } } })) > MAX_RUNNING)
      throw new CodedError("FILTER_LIMIT", `At most ${MAX_RUNNING} captures run at once; stop one first`);
    const { maxPackets: packets, maxBytes: bytes } = input;
    const hosts = { hosts: hostIds.length, hostIds: hostIds.slice(0, MAX_NAMED) };
    const detail = { name, expression, snaplen, reason, seconds: maxSeconds, maxPackets: packets, maxBytes: bytes, ...hosts };
    await audit(tx, { at, actor: by, action: "capture.create", target: id, detail });
  }, OF_MANY_HOSTS);
  ctx.hub.captureChanged(id);
  void ctx.hub.pushFilters();
  return getCapture({ ctx, actor, input: { id } });
}

/** Throws NOT_FOUND where a host that is named is not there, or none is. */
async function resolveHosts(tx: Tx, actor: Actor, hosts: Hosts): Promise<string[]> {
  const scope = inScope(scopeOf(actor));
  const wanted = hosts === "all" ? {} : Array.isArray(hosts) ? { id: { in: hosts } } : inScope(hosts.labels);
  const found = (await tx.host.findMany({ where: { AND: [scope, wanted] }, select: { id: true } })).map((host) => host.id);
  if (found.length === 0) throw new CodedError("NOT_FOUND", "There is no such host to capture on");
  const missing = Array.isArray(hosts) ? hosts.find((id) => !found.includes(id)) : undefined;
  if (missing !== undefined) throw new CodedError("NOT_FOUND", `There is no host ${missing}`);
  return found;
}
