import { expect, test } from "vitest";
import { FileReaders, type Part, type ReadPart } from "./fileReader.ts";

/** A thread that was asked, and answers as it is told. */
function thread() {
  const asked: Part[] = [];
  let tell: (event: { data: ReadPart }) => void = () => {};
  let fail: () => void = () => {};
  const files = new FileReaders({
    postMessage: (part) => void asked.push(part),
    addEventListener: (type: "message" | "error", listen: never) => void (type === "message" ? (tell = listen) : (fail = listen)),
  });
  return { files, asked, tell: (data: ReadPart) => tell({ data }), fail: () => fail() };
}
const text = (bytes: ArrayBuffer): string => new TextDecoder().decode(bytes);
const bytesOf = (words: string): ArrayBuffer => new TextEncoder().encode(words).buffer;

test("parts are read by the thread, in whatever order it answers; what it cannot read is refused", async () => {
  const { files, asked, tell } = thread();
  const [first, second, third] = ["a", "b", "c"].map((words) => files.read(new Blob([words])));
  expect(asked).toHaveLength(3);
  const ids = asked.map(({ id }) => id);
  tell({ id: ids[2] ?? 0, ok: true, bytes: bytesOf("C") });
  tell({ id: ids[0] ?? 0, ok: true, bytes: bytesOf("A") });
  tell({ id: ids[1] ?? 0, ok: false, message: "the file is gone" });
  expect(text((await third) ?? bytesOf(""))).toBe("C");
  expect(text((await first) ?? bytesOf(""))).toBe("A");
  await expect(second).rejects.toThrow("the file is gone");
});

test("when the thread fails, what it was asked and what comes later is read here", async () => {
  const { files, asked, fail } = thread();
  const waiting = files.read(new Blob(["asked before"]));
  fail();
  expect(text(await waiting)).toBe("asked before");
  expect(text(await files.read(new Blob(["asked later"])))).toBe("asked later");
  expect(asked).toHaveLength(1);
});
