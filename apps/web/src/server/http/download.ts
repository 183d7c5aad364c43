import type { ExportFormat } from "@sonde/protocol/rest";

/** A file for a browser to save, that no cache keeps and none takes for a page. */
export function download(
  name: string,
  format: ExportFormat | "pcapng",
  { contentType, body }: { readonly contentType: string; readonly body: ReadableStream<Uint8Array> },
): Response {
  const headers = {
    "content-type": contentType,
    "content-disposition": `attachment; filename="${name}.${format}"`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return new Response(body, { headers });
}
