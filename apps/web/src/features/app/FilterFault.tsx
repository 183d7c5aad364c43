import type { QueryError } from "../../domain/query/index.ts";
import { visible } from "../../domain/text.ts";
import { FaultMark } from "../../ui/FaultMark.tsx";

/** Why and where a filter that is being written cannot be read; `id` ties it to the line. */
export function FilterFault({ id, text, fault }: { id: string; text: string; fault: QueryError }) {
  return (
    <div id={id} className="flex flex-col text-xs">
      <p className="text-dropped">{fault.message}. Shown is what the last readable filter lets through.</p>
      <FaultMark text={text} position={fault.position} length={fault.length} visible={visible} />
    </div>
  );
}
