import type { Part, ReadPart } from "./fileReader.ts";

/* Reads parts of a file for the worker that holds the packets (fileReader.ts): the memory they need is made here, meanwhile. */

addEventListener("message", ({ data }: MessageEvent<Part>) => void read(data));

async function read({ id, part }: Part): Promise<void> {
  try {
    const bytes = await part.arrayBuffer();
    tell({ id, ok: true, bytes }, [bytes]);
  } catch (error) {
    tell({ id, ok: false, message: error instanceof Error ? error.message : String(error) }, []);
  }
}

function tell(message: ReadPart, transfer: Transferable[]): void {
  postMessage(message, { transfer });
}
