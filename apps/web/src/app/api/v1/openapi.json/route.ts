import { openApiDocument } from "@sonde/protocol/openapi";
import { json, route } from "../../../../server/http/route.ts";

/** Says nothing that the source does not, so needs no sign-in. */
export const GET = route("public", async ({ ctx }) => json(openApiDocument(ctx.version)));
