import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { CodedError } from "@sonde/protocol";

export type BundleFacts = { readonly size: number; readonly sha256: string };
export type Bundle = {
  /** Size and SHA-256 (hex), hashed once per built file. Throws NOT_FOUND when it was not built. */
  facts(): Promise<BundleFacts>;
  /** The bytes, read as fast as the client takes them. */
  stream(): Promise<ReadableStream<Uint8Array>>;
};

const CHUNK = 64 * 1024;

/** The agent bundle that hosts fetch. */
export function createBundle(path: string): Bundle {
  let known: { key: string; facts: Promise<BundleFacts> } | undefined;
  return {
    async facts() {
      const info = await stat(path).catch(() => null);
      if (!info?.isFile()) throw new CodedError("NOT_FOUND", "The agent bundle is not built on this hub; run `npm run build` there");
      const key = `${info.mtimeMs}:${info.size}`;
      if (known?.key !== key) known = { key, facts: hashFile(path, info.size) };
      return known.facts;
    },
    async stream() {
      const file = await open(path, "r");
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { bytesRead, buffer } = await file.read(new Uint8Array(CHUNK), 0, CHUNK);
          if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
          await file.close();
          controller.close();
        },
        cancel: () => file.close(),
      });
    },
  };
}

async function hashFile(path: string, size: number): Promise<BundleFacts> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { size, sha256: hash.digest("hex") };
}
