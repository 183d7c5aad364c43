import { useSearchParams } from "next/navigation";
import { useState } from "react";
import type { FilterDraft } from "./NewFilter.tsx";

/** What the editor of filters begins with: the address's `?new=EXPRESSION&hosts=LABELS`, then whatever is given to be changed. */
export function useFilterDraft(): {
  readonly draft: FilterDraft;
  /** Another with each draft, so that the editor begins anew. */
  readonly key: string;
  readonly edit: (draft: FilterDraft) => void;
} {
  const address = useSearchParams();
  const expression = address.get("new") ?? "";
  const labels = address.get("hosts") ?? "";
  const asked = JSON.stringify([expression, labels]);
  const [given, setGiven] = useState<{ readonly draft: FilterDraft; readonly count: number; readonly asked: string } | null>(null);
  // An address that came later asks for something else.
  const current = given?.asked === asked ? given : null;
  return {
    draft: current?.draft ?? { expression, labels, sampleN: 1, snaplen: 128 },
    key: `${asked} ${current?.count ?? 0}`,
    edit: (draft) => setGiven((was) => ({ draft, count: (was?.count ?? 0) + 1, asked })),
  };
}
