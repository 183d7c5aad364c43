import { nameSettingsRequestSchema } from "@sonde/protocol/rest";
import { readJson } from "../../../../../server/http/body.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { getNameSettings } from "../../../../../server/services/settings/names-get.ts";
import { setNameSettings } from "../../../../../server/services/settings/names-set.ts";

export const GET = route("person", async ({ ctx, actor }) => json(await getNameSettings({ ctx, actor, input: null })));

export const PUT = route("person", async ({ ctx, actor, request }) =>
  json(await setNameSettings({ ctx, actor, input: await readJson(request, nameSettingsRequestSchema) })),
);
