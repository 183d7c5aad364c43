import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followHub } from "./agent.mjs";

let state: string;
let file: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "sonde-follow-"));
  file = join(state, "credential.json");
});
afterEach(() => rmSync(state, { recursive: true }));

const pin = `sha256//${"A".repeat(43)}=`;
const credential = { version: 1, hub: "http://127.0.0.1:7878", pin: null, hostId: "one", credential: "secret" };

test("an agent follows its hub to another address, and keeps who it is", () => {
  writeFileSync(file, JSON.stringify(credential), { mode: 0o600 });
  followHub(state, { url: "https://192.0.2.1:7878", pin });
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ ...credential, hub: "https://192.0.2.1:7878", pin });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  followHub(state, { url: credential.hub });
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(credential);
});

test("nothing is written where nothing changed, or where the file is damaged", () => {
  for (const text of [JSON.stringify(credential), "{"]) {
    writeFileSync(file, text);
    followHub(state, { url: credential.hub });
    expect(readFileSync(file, "utf8")).toBe(text);
  }
});
