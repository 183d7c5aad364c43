import type { LabelSelector } from "@sonde/protocol";
import { labelSources } from "@sonde/protocol";
import type { Prisma } from "../../../../../../prisma/generated/client.ts";

/** The listed hosts of a scope, as a condition: of every key the label in force, which the earliest source gives, has one of the values. */
export function inScope(scope: LabelSelector | null): Prisma.HostWhereInput {
  if (scope === null) return { removedAt: null };
  const ofKey = ([key, values]: [string, string[]]): Prisma.HostWhereInput => ({
    OR: labelSources.map((source, i) => ({
      labels: {
        some: { key, source, value: { in: values } },
        none: { key, source: { in: labelSources.slice(0, i) } },
      },
    })),
  });
  return { removedAt: null, AND: Object.entries(scope).map(ofKey) };
}
