import { expect, it } from "vitest";
import { Announcement } from "./announcement.ts";

const device = (ifindex: number, name: string) => ({ ifindex, name, kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" }) as const;

it("keeps an interface that is gone announced until no batch can name it (SPEC 3.3)", () => {
  const announcement = new Announcement();
  announcement.replace([device(1, "lo"), device(2, "veth0")]);
  announcement.replace([device(1, "lo")]);
  expect(announcement.list).toMatchObject([{ name: "lo" }, { name: "veth0", up: false, hook: "none", reason: "the interface is gone" }]);
  expect(announcement.settle()).toBe(true);
  expect(announcement.list.map((each) => each.name)).toEqual(["lo"]);
  expect(announcement.settle()).toBe(false);
});
