import { expect, test } from "vitest";
import { freeNet } from "./subnet.mjs";

test("the first network is taken where nothing is routed to it", () => {
  expect(freeNet([])).toBe("10.83.0");
  expect(freeNet(["default", "0.0.0.0/0", "192.168.1.0/24", "10.0.0.0/24", "127.0.0.0/8", "10.84.0.0/16"])).toBe("10.83.0");
});

test("networks, addresses and wider routes that touch one are left alone", () => {
  expect(freeNet(["10.83.0.0/24"])).toBe("10.83.1");
  expect(freeNet(["10.83.0.17"])).toBe("10.83.1");
  expect(freeNet(["10.83.0.128/25", "10.83.1.0/26", "10.83.3.0/24"])).toBe("10.83.2");
  expect(freeNet(["10.83.0.0/21"])).toBe("10.83.8");
  expect(freeNet(["10.0.0.0/8"])).toBeUndefined();
});
