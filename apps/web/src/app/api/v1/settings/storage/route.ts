import { json, route } from "../../../../../server/http/route.ts";
import { storageReport } from "../../../../../server/services/settings/storage.ts";

export const GET = route("person", async ({ ctx, actor }) => json(await storageReport({ ctx, actor, input: null })));
