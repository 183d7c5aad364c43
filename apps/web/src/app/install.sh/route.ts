import { readFile } from "node:fs/promises";
import { CodedError } from "@sonde/protocol";
import { route } from "../../server/http/route.ts";

/** deploy/install.sh with this hub's address, key pin (empty unless self-made) and the bundle's SHA-256. */
export const GET = route("public", async ({ ctx }) => {
  const { sha256 } = await ctx.bundle.facts();
  const script = await readFile(ctx.installScript, "utf8").catch(() => {
    throw new CodedError("NOT_FOUND", "The install script is missing on this hub");
  });
  const filled = script
    .replaceAll("@URL@", () => ctx.url)
    .replaceAll("@PIN@", () => ctx.pin ?? "")
    .replaceAll("@SHA256@", () => sha256);
  return new Response(filled, { headers: { "content-type": "text/x-shellscript; charset=utf-8", "cache-control": "no-store" } });
});
