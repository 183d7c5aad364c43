import { expect, test } from "vitest";
import type { Child, Exit } from "../proc.mjs";
import { createParts } from "./parts.mjs";

/** A part that ends when it is told to, and the names of those that were stopped, in order. */
function play() {
  const stopped: string[] = [];
  const part = (name: string) => {
    let end: (exit: Exit) => void = () => {};
    const exited = new Promise<Exit>((resolve) => (end = resolve));
    const child: Child = {
      name,
      pid: 1,
      exited,
      running: () => true,
      tail: () => "",
      waitFor: () => Promise.reject(),
      stop: async () => {},
    };
    const stop = async () => {
      stopped.push(name);
      end({ code: 0, signal: null });
    };
    return { name, child, stop, die: () => end({ code: null, signal: "SIGKILL" }) };
  };
  return { part, stopped };
}

test("a part that ends by itself is named, one that was stopped or dropped is not", async () => {
  const { part } = play();
  const parts = createParts();
  const [one, two, three] = [part("one"), part("two"), part("three")];
  for (const each of [one, two, three]) parts.add(each);
  await parts.stop(one.child);
  parts.drop(two.child);
  two.die();
  await two.child.exited;
  three.die();
  expect((await parts.ended).name).toBe("three");
});

test("all are stopped once, those that go together first, the others from the last to the first", async () => {
  const { part, stopped } = play();
  const parts = createParts();
  for (const name of ["network", "hub", "agent a", "agent b"]) parts.add(part(name));
  await parts.stopAll((name) => name.startsWith("agent"));
  await parts.stopAll(() => false);
  expect(stopped.slice(0, 2).toSorted()).toEqual(["agent a", "agent b"]);
  expect(stopped.slice(2)).toEqual(["hub", "network"]);
  expect(parts.empty()).toBe(true);
});
