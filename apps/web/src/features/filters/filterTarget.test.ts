import { expect, test } from "vitest";
import type { Filter } from "../../api/filters.ts";
import { filterTarget } from "./filterTarget.ts";
import type { FilterDraft } from "./NewFilter.tsx";

const filter: Filter = {
  id: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11",
  expression: "icmp",
  sampleN: 10,
  snaplen: 64,
  selector: { env: ["prod", "test"], role: ["db"] },
  instructions: { ethernet: 4, raw: 2 },
  createdAt: "2026-01-01T00:00:00.000Z",
  createdBy: "admin@example.net",
  counted: { matched: "0", sampledOut: "0", lostRing: "0", noReader: "0", delivered: "0" },
};

test("an active filter is captured on its hosts, and goes into the editor as it is", () => {
  const drafts: FilterDraft[] = [];
  const target = filterTarget(filter, (draft) => drafts.push(draft));
  target.push?.onSelect();
  expect(target).toMatchObject({ capture: "icmp", hosts: "env=prod env=test role=db" });
  expect(drafts).toEqual([{ expression: "icmp", labels: "env=prod env=test role=db", sampleN: 10, snaplen: 64 }]);
  expect(filterTarget({ ...filter, selector: null, expression: " " }, () => {})).toMatchObject({ heading: "Filter everything", hosts: "" });
});
