import type { Page } from "playwright-core";
import type { HubAlone } from "./hub-alone.ts";

/** Signs in to a fresh hub as its first person would: by the one-time link, choosing a password. Ends on the fleet. */
export async function signIn(page: Page, hub: Pick<HubAlone, "admin">): Promise<void> {
  await page.goto(await hub.admin("admin-link"));
  await page.getByRole("button", { name: "Sign in to this hub" }).click();
  await page.getByLabel("E-mail").fill("admin@example.net");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByLabel("Password again").fill("correct horse battery");
  await page.getByRole("button", { name: "Save and continue" }).click();
  await page.waitForURL("**/");
}
