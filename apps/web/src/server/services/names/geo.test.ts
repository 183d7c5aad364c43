import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mmdb } from "../../../../test/mmdb.ts";
import { systemClock } from "../../clock.ts";
import { type GeoDatabases, openGeo } from "./geo.ts";

let root: string;
let lines: string[];
const open: GeoDatabases[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sonde-geo-"));
  lines = [];
});
afterEach(() => {
  for (const one of open.splice(0)) one.stop();
  rmSync(root, { recursive: true, force: true });
});

const country = mmdb("Test-Country", {
  "192.0.2.0/24": { country: { iso_code: "NL" } },
  "2001:db8:1::/48": { registered_country: { iso_code: "SE" } },
  "198.51.100.0/24": { country: { iso_code: "not a code" } },
});
const system = mmdb("Test-ASN", { "192.0.2.128/25": { autonomous_system_number: 64496, autonomous_system_organization: "Example Net" } });

async function start(files: readonly string[] = []): Promise<GeoDatabases> {
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const geo = await openGeo({ files, folder: join(root, "geoip"), clock: systemClock, log });
  open.push(geo);
  return geo;
}
/** Puts a file in place as an update does: whole, by its name. */
function put(name: string, bytes: Uint8Array): string {
  mkdirSync(join(root, "geoip"), { recursive: true });
  const path = join(root, "geoip", name);
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
  return path;
}

test("country and AS, of whatever files there are", async () => {
  put("country.mmdb", country);
  const named = join(root, "asn.db");
  writeFileSync(named, system);
  const geo = await start([named]);
  expect(geo.of("192.0.2.200")).toEqual({ country: "NL", asn: 64496, asName: "Example Net" });
  expect(geo.of("192.0.2.1")).toEqual({ country: "NL", asn: null, asName: null });
  expect(geo.of("2001:db8:1::9")).toMatchObject({ country: "SE" });
  for (const address of ["203.0.113.1", "198.51.100.1", "2001:db8:2::1"]) {
    expect(geo.of(address)).toEqual({ country: null, asn: null, asName: null });
  }
  expect(geo.list().map(({ type, fault, builtAt }) => ({ type, fault, builtAt }))).toEqual([
    { type: "Test-ASN", fault: null, builtAt: "2023-11-14T22:13:20.000Z" },
    { type: "Test-Country", fault: null, builtAt: "2023-11-14T22:13:20.000Z" },
  ]);
});

test("no folder, no facts", async () => {
  const geo = await start();
  expect([geo.of("192.0.2.1"), geo.list()]).toEqual([{ country: null, asn: null, asName: null }, []]);
});

test("what is no database, or not there, is said once and the rest goes on", async () => {
  put("country.mmdb", country);
  put("bad.mmdb", Buffer.from("not a database"));
  const geo = await start([join(root, "missing.mmdb")]);
  expect(geo.of("192.0.2.1").country).toBe("NL");
  const faults = geo.list().filter(({ fault }) => fault !== null);
  expect(faults.map(({ file, type }) => [file.slice(root.length), type])).toEqual([
    ["/missing.mmdb", null],
    ["/geoip/bad.mmdb", null],
  ]);
  expect(faults[0]?.fault).toContain("ENOENT");
  await geo.refresh();
  expect(lines.filter((line) => line.includes("cannot be used"))).toHaveLength(2);
});

test("files that come, change, spoil and go", async () => {
  const geo = await start();
  put("country.mmdb", country);
  await geo.refresh();
  expect(geo.of("192.0.2.1").country).toBe("NL");
  put("country.mmdb", mmdb("Test-Country", { "192.0.2.0/24": { country: { iso_code: "BE" } } }));
  await geo.refresh();
  expect(geo.of("192.0.2.1").country).toBe("BE");
  const path = put("country.mmdb", Buffer.from("cut short"));
  await geo.refresh();
  expect(geo.of("192.0.2.1").country).toBe("BE");
  expect(geo.list()[0]?.fault).toContain("what it held before is still in use");
  rmSync(path);
  await geo.refresh();
  expect([geo.of("192.0.2.1").country, geo.list()]).toEqual([null, []]);
});

test("a file cut inside its data fails a question, not the hub", async () => {
  const at = system.indexOf("Example Net");
  put("cut.mmdb", Buffer.concat([system.subarray(0, at - 20), Buffer.alloc(20, 0xff), system.subarray(at)]));
  const geo = await start();
  expect(geo.of("192.0.2.200")).toEqual({ country: null, asn: null, asName: null });
});
