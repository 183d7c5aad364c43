import { expect, it } from "vitest";
import { Announcement } from "./announcement.ts";

const device = (ifindex: number, name: string) =>
  ({ ifindex, name, kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" }) as const;
const namesIn = (announcement: Announcement, resuming: boolean): string[] => announcement.list(resuming).map((each) => each.name);

it("keeps an interface that is gone announced until no batch can name it (SPEC 3.3)", () => {
  const announcement = new Announcement();
  announcement.replace([device(1, "lo"), device(2, "veth0")]);
  announcement.replace([device(1, "lo")]);
  expect(announcement.list(false)).toMatchObject([
    { name: "lo" },
    { name: "veth0", up: false, hook: "none", reason: "the interface is gone" },
  ]);
  expect(announcement.settle()).toBe(true);
  expect(namesIn(announcement, false)).toEqual(["lo"]);
  expect(announcement.settle()).toBe(false);
});

it("never names two interfaces alike", () => {
  const announcement = new Announcement();
  announcement.replace([device(2, "tun0")]);
  announcement.replace([device(3, "tun0")]);
  announcement.replace([device(4, "tun0")]);
  expect(namesIn(announcement, false)).toEqual(["tun0"]);
  expect(namesIn(announcement, true)).toEqual(["tun0", "tun0 (gone, 2)", "tun0 (gone, 3)"]);
  expect(namesIn(announcement, false)).toHaveLength(3);
});
