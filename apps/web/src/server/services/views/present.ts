import { viewScreens, type View } from "@sonde/protocol/rest";
import type { SavedView } from "../../../../../../prisma/generated/client.ts";

/** A saved view as the API shows it; null of a screen there is no more. */
export function presentView(row: SavedView): View | null {
  const screen = viewScreens.find((one) => one === row.screen);
  if (screen === undefined) return null;
  const { id, name, query, createdBy } = row;
  return { id, screen, name, query, createdBy, createdAt: row.createdAt.toISOString() };
}
