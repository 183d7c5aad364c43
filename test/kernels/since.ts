import { release } from "node:os";

type Version = readonly [major: number, minor: number];

/** What came to Linux after the oldest kernel of the run, 5.10; everything else must work everywhere. */
const since: Readonly<Record<string, Version>> = { tcx: [6, 6] };

/** "came with Linux 6.6" where this kernel is older than the feature, else undefined. */
export function cameLater(feature: string): string | undefined {
  const [major, minor] = since[feature] ?? [0, 0];
  const [ownMajor = 0, ownMinor = 0] = release().split(".").map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor) ? undefined : `came with Linux ${major}.${minor}`;
}
