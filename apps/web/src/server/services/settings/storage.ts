import type { StorageReport } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { readDisk, type ReadDisk } from "../../store/disk.ts";
import { readStorage } from "../../store/storage.ts";
import { requireReader, type Call, type VerbCtx } from "../call.ts";

/** `readDisk` is injected by tests. */
export type StorageCtx = VerbCtx & Pick<Ctx, "series"> & { readonly readDisk?: ReadDisk };

/** What the store holds, how it grows, what its limits are and how long there is room. */
export async function storageReport({ ctx, actor }: Call<null, StorageCtx>): Promise<StorageReport> {
  requireReader(actor);
  return readStorage(ctx.series, ctx.readDisk ?? readDisk, ctx.clock.now());
}
