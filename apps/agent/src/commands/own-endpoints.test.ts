import { expect, it } from "vitest";
import type { TextEndpoint } from "../capture/source.ts";
import { OwnEndpoints } from "./own-endpoints.ts";

const listed = [
  { address: "192.0.2.1", port: 8443 },
  { address: "127.0.0.1", port: 5432 },
  { address: "::1", port: 5432 },
];

it("takes loopback endpoints from a hub on loopback alone", () => {
  let applied: readonly TextEndpoint[] = [];
  const own = new OwnEndpoints(8443, (list) => (applied = list));
  own.resolved(["198.51.100.7"]);
  expect(applied).toEqual([{ address: "198.51.100.7", port: 8443 }]);
  own.announced(listed, "198.51.100.7");
  expect(applied.map((each) => each.address)).toEqual(["198.51.100.7", "192.0.2.1"]);
  own.announced(listed, "::ffff:127.0.0.1");
  expect(applied).toHaveLength(4);
  own.announced(listed, "");
  expect(applied).toHaveLength(2);
});
