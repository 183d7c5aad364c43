import { flowSchema, type ExportFormat, type Flow, type FlowHistogram, type FlowTop } from "@sonde/protocol/rest";
import { flowPage, type Place } from "../../store/query/flow-page.ts";
import type { Call } from "../call.ts";
import { iso, readAsk, type QueryCtx, type RangeInput } from "./input.ts";
import { tableText } from "./table-text.ts";

/** Rows that are read at a time; the next ones when the client has taken these. */
const ROWS_AT_A_TIME = 5_000;
/** Each reading; the next goes on where it stopped. */
const BUDGET_MS = 5_000;

export type Export = { readonly contentType: string; readonly body: ReadableStream<Uint8Array> };
export type ExportInput = RangeInput & { readonly format: ExportFormat };

const columns = Object.keys(flowSchema.shape) as (keyof Flow)[];

/**
 * All flow records of a question, newest first, read as fast as the client takes them; reading ends when it goes.
 * Throws NOT_SIGNED_IN, BAD_REQUEST, QUERY_FILTER; what fails later breaks the body off.
 */
export async function exportFlows({ ctx, actor, input }: Call<ExportInput, QueryCtx>): Promise<Export> {
  const ask = readAsk(ctx, actor, input);
  const { contentType, head, line } = tableText(input.format, columns);
  const encoder = new TextEncoder();
  let after: Place | null = null;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => void (head === "" ? null : controller.enqueue(encoder.encode(head))),
      async pull(controller) {
        // a reading that found nothing in its time is followed by another: a pull that gives nothing is not asked again
        for (;;) {
          const page = await flowPage(ctx.queries, {
            ...ask,
            after,
            limit: ROWS_AT_A_TIME,
            budgetMs: BUDGET_MS,
            clock: () => ctx.clock.now(),
          });
          after = page.next;
          if (page.items.length > 0)
            controller.enqueue(encoder.encode(page.items.map((flow) => line(columns.map((name) => flow[name]))).join("")));
          if (after === null) return controller.close();
          if (page.items.length > 0) return;
        }
      },
    },
    { highWaterMark: 1 },
  );
  return { contentType, body };
}

/** The same, at once, of an answer that is small. */
export function exportTop(top: FlowTop, format: ExportFormat): Export {
  const { contentType, head, line } = tableText(format, [...top.by, "flows", "packets", "bytes"]);
  return { contentType, body: bodyOf(head + top.items.map((one) => line([...one.key, one.flows, one.packets, one.bytes])).join("")) };
}

/** A line for each bucket and series; "other" is what no series names. */
export function exportHistogram({ from, step, by, series }: FlowHistogram, format: ExportFormat): Export {
  const { contentType, head, line } = tableText(format, ["at", ...by, "flows", "packets", "bytes"]);
  const lines = series.flatMap(({ key, flows, packets, bytes }) =>
    flows.map((count, i) =>
      line([iso(Date.parse(from) + i * step * 1000), ...(key ?? by.map(() => "other")), count, packets[i] ?? null, bytes[i] ?? null]),
    ),
  );
  return { contentType, body: bodyOf(head + lines.join("")) };
}

function bodyOf(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream();
}
