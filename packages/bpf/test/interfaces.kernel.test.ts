import { describe, expect, test } from "vitest";
import { attachModes, listInterfaces, openEngine, watchInterfaces } from "../src/index.ts";
import { decodeCounters } from "./support/decode.ts";
import { ether, ipv4, udp } from "./support/frames.ts";
import { Wire, kernelMissing, run, until } from "./support/netns.ts";

const missing = kernelMissing();
const frame = ether(0x0800, ipv4({ proto: 17, payload: udp() }));

describe.skipIf(missing)(`interfaces that come, go and move${missing ? ` (${missing})` : ""}`, () => {
  test("each change calls the listener; none after the end", async () => {
    let calls = 0;
    const stop = watchInterfaces(() => void calls++);
    const told = async (what: string, change: () => unknown, seen: () => boolean): Promise<void> => {
      const before = calls;
      change();
      await until(what, () => calls > before && seen());
    };
    const find = (name: string) => listInterfaces().find((each) => each.name === name);
    const wire = new Wire();
    const renamed = `r${wire.local}`;
    await until("it appeared", () => calls > 0);
    await told(
      "down",
      () => run("ip", "link", "set", wire.local, "down"),
      () => find(wire.local)?.up === false,
    );
    await told(
      "renamed",
      () => run("ip", "link", "set", wire.local, "name", renamed),
      () => find(renamed)?.ifindex === wire.ifindex,
    );
    await told(
      "up",
      () => run("ip", "link", "set", renamed, "up"),
      () => find(renamed)?.up === true,
    );
    await told(
      "moved away",
      () => run("ip", "link", "set", renamed, "netns", wire.ns),
      () => find(renamed) === undefined,
    );
    await told(
      "moved back",
      () => run(...wire.enter, "ip", "link", "set", renamed, "netns", String(process.pid)),
      () => find(renamed) !== undefined,
    );
    stop();
    stop();
    const after = calls;
    run("ip", "link", "del", renamed);
    wire[Symbol.dispose]();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(after);
  });

  test("a listener may end it, and a burst is told in few calls", async () => {
    let calls = 0;
    const stop = watchInterfaces(() => {
      calls++;
      stop();
    });
    const wires = Array.from({ length: 5 }, () => new Wire());
    await until("told", () => calls > 0);
    for (const wire of wires) wire[Symbol.dispose]();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(1);
  });

  test.each(attachModes)("%s: stays through down, up, a new name; after a move and back it can be had again", async (mode) => {
    using wire = new Wire();
    const engine = openEngine();
    engine.attach(wire.ifindex, mode);
    const renamed = `r${wire.local}`;
    run("ip", "link", "set", wire.local, "down");
    run("ip", "link", "set", wire.local, "name", renamed);
    run("ip", "link", "set", renamed, "up");
    expect(engine.attached(wire.ifindex)).toBe(true);
    run("ip", "link", "set", renamed, "name", wire.local);
    wire.sendIn([frame, frame]);
    const counted = (): number => decodeCounters(engine.readCounters())[0]?.total.frames ?? 0;
    await until("two frames", () => counted() === 2);

    run("ip", "link", "set", wire.local, "netns", wire.ns);
    run(...wire.enter, "ip", "link", "set", wire.local, "netns", String(process.pid));
    run("ip", "link", "set", wire.local, "up", "arp", "off");
    const back = listInterfaces().find((each) => each.name === wire.local)?.ifindex ?? 0;
    // Links go with the device; what clsact and packet sockets hold is taken off.
    expect(engine.attached(wire.ifindex)).toBe(back === wire.ifindex && mode !== "clsact" && mode !== "socket");
    engine.detach(wire.ifindex);
    engine.attach(back, mode);
    const before = counted();
    wire.sendIn([frame, frame, frame]);
    await until("three more", () => counted() === before + 3);
    await engine.close();
  });
});
