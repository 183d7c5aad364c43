import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enrolRequestSchema } from "@sonde/protocol/rest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readCredential } from "../control/credential.ts";
import { type EnrolFlags, runEnrol } from "./enrol.ts";

const token = "sonde_enrol_very-secret";
const passport = { hostname: "web-1", kernel: "6.18", arch: "x64", os: "Debian", agentVersion: "0.1.0", cpus: 2, facts: [] };
const enrolled = { hostId: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11", credential: "sonde_agent_0123456789abcdef", name: "web-1" };
const problem = { type: "about:blank", title: "The enrolment token has expired", status: 401, detail: "", code: "TOKEN_EXPIRED" };

let folder: string;
let server: Server;
let answer: { status: number; body: string };
let asked: unknown[];
let progress: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sonde-enrol-"));
  answer = { status: 201, body: JSON.stringify(enrolled) };
  asked = [];
  progress = [];
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      asked.push({ url: request.url, body: JSON.parse(text) as unknown });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function attempt(flags: Partial<EnrolFlags> = {}): Promise<string> {
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, `${token}\n`);
  const hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await runEnrol(
      { hub, tokenFile, state: join(folder, "state"), ...flags },
      { passport: () => passport, progress: (line) => progress.push(line), limitFile: join(folder, "limits.json") },
    );
    return "enrolled";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : "";
  }
}

it("keeps the credential for root alone", async () => {
  expect(await attempt({ name: "db-7" })).toBe("enrolled");
  const state = join(folder, "state");
  expect(statSync(state).mode & 0o777).toBe(0o700);
  expect(statSync(join(state, "credential.json")).mode & 0o777).toBe(0o600);
  expect(readCredential(state)).toMatchObject({ hostId: enrolled.hostId, credential: enrolled.credential, pin: null });
  const [request] = asked as [{ url: string; body: unknown }];
  expect(request.url).toBe("/api/v1/enrol");
  expect(enrolRequestSchema.parse(request.body)).toMatchObject({ token, hostname: "db-7" });
  expect(progress.join("\n")).not.toMatch(new RegExp(`${token}|${enrolled.credential}`));
});

it("does not enrol twice unless forced", async () => {
  await attempt();
  expect(await attempt()).toMatch(/^CommandError: this host is enrolled at http:.* already; --force/);
  expect(asked).toHaveLength(1);
  expect(await attempt({ force: true })).toBe("enrolled");
});

it("passes on why the hub refused, and keeps what it had", async () => {
  await attempt();
  answer = { status: 401, body: JSON.stringify(problem) };
  const words = await attempt({ force: true });
  expect(words).toBe("CommandError: the hub refused to enrol this host: The enrolment token has expired (TOKEN_EXPIRED)");
  expect(readCredential(join(folder, "state"))?.credential).toBe(enrolled.credential);
});

it("has clear words for a stranger, an empty token, a missing file and a bad pin", async () => {
  answer = { status: 200, body: "<html>" };
  expect(await attempt()).toMatch(/answered 200, not as a Sonde hub does/);
  const empty = join(folder, "empty");
  writeFileSync(empty, "\n");
  expect(await attempt({ tokenFile: empty })).toMatch(/^UsageError: the token is empty/);
  expect(await attempt({ tokenFile: join(folder, "none") })).toMatch(/^CommandError: cannot read the token/);
  expect(await attempt({ pin: "sha256//x" })).toMatch(/^UsageError: --pin wants/);
  expect(await attempt({ hub: "http://127.0.0.1:1" })).toMatch(/cannot be used: connect ECONNREFUSED/);
});

it("tells a damaged credential file without quoting it", async () => {
  await attempt();
  const file = join(folder, "state/credential.json");
  writeFileSync(file, `{"credential":"${enrolled.credential}"`);
  chmodSync(file, 0o600);
  const words = await attempt();
  expect(words).toMatch(/is damaged; enrol again with --force/);
  expect(words).not.toContain(enrolled.credential);
});
