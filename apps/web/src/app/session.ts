import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { getCtx } from "../server/context.ts";

/** Sends who is not signed in to the sign-in page. What a page shows is guarded again by the verbs it calls. */
export async function requireSession(): Promise<void> {
  const session = await getCtx().auth.session(await headers());
  if (session === null) redirect("/sign-in");
}
