import type { HubInfo } from "@sonde/protocol/rest";
import { json, route } from "../../../../server/http/route.ts";

export const GET = route("person", async ({ ctx }) => {
  const info: HubInfo = { version: ctx.version, url: ctx.url, now: new Date(ctx.clock.now()).toISOString() };
  return json(info);
});
