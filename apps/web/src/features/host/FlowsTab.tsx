"use client";
import { RefreshCw } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { rangeOf, ranges } from "../../domain/timeRange.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { FlowChart } from "../flows/FlowChart.tsx";
import { FlowList } from "../flows/FlowList.tsx";

type Range = (typeof ranges)[number]["value"];

/** The host's own flow records; narrowing them goes to the screen of flows. */
export function FlowsTab({ hostId }: { hostId: string }) {
  const router = useRouter();
  const [range, setRange] = useState<Range>("5m");
  const [now, setNow] = useState(() => Date.now());
  const filter = `host.id == "${hostId}"`;
  const ask = useMemo(() => ({ filter, ...rangeOf(range, now) }), [filter, range, now]);
  const href = (text: string) => `/flows?${new URLSearchParams({ filter: text, ...(range === "1h" ? {} : { range }) }).toString()}`;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 px-4 py-2">
        <Segmented
          label="Time range"
          options={ranges}
          value={range}
          onChange={(next) => {
            setRange(next);
            setNow(Date.now());
          }}
        />
        <Button look="quiet" icon={<RefreshCw size={14} aria-hidden />} onClick={() => setNow(Date.now())} title="Up to this moment">
          Refresh
        </Button>
        <Link href={href(filter)} className={buttonClass("quiet")}>
          Filter and group
        </Link>
      </div>
      <FlowChart ask={{ ...ask, by: "ip.proto", measure: "bytes" }} />
      <FlowList key={JSON.stringify(ask)} ask={ask} filter={filter} onFilter={(text) => router.push(href(text))} />
    </>
  );
}
