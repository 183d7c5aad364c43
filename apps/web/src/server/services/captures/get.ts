import { CodedError } from "@sonde/protocol";
import type { CaptureDetail } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { actorNames } from "../actor-names.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { presentDetail, type StoredCapture } from "./present.ts";
import { captureHosts, seenBy, type CaptureHostRow } from "./rows.ts";

/** One capture, and the hosts of it that the actor sees. Throws NOT_FOUND. */
export async function getCapture({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<CaptureDetail> {
  requireReader(actor);
  const { capture, hosts } = await readCapture({ ctx, actor, input });
  const by = await actorNames(ctx, [capture.createdBy]);
  return { ...presentDetail(ctx.hub, capture, hosts), createdBy: by(capture.createdBy) };
}

/** As it is stored. Throws NOT_FOUND, also where the actor sees none of its hosts. */
export async function readCapture({
  ctx,
  actor,
  input,
}: Call<{ id: string }>): Promise<{ capture: StoredCapture; hosts: CaptureHostRow[]; seen: string[] | null }> {
  const capture = await ctx.db.capture.findUnique({ where: { id: input.id }, include: { filter: { select: { expression: true } } } });
  const seen = await seenBy(ctx, scopeOf(actor));
  const hosts = capture === null ? [] : await captureHosts(ctx, input.id, seen);
  if (capture === null || (hosts.length === 0 && seen !== null)) throw new CodedError("NOT_FOUND", "No such capture");
  return { capture, hosts, seen };
}
