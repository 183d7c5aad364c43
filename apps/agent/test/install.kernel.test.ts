import { X509Certificate, createHash } from "node:crypto";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { enterCommand, makeBusyboxRoot } from "../../../test/support/chroot.ts";
import { pinOf } from "../src/uplink/pin.ts";
import { makeCertificate } from "./hub.ts";
import { fillInstaller } from "./installer.ts";

const token = "sonde_enrol_very-secret";
/** Stands for the agent, so that the script alone is tested: keeps what it was given, then waits to be stopped. */
const fakeAgent = `#!/bin/sh
if [ "$1" = enrol ]; then
  echo "$@" >/tmp/enrol-args; cat >/tmp/enrol-token; mkdir -p /var/lib/sonde
  echo "\\"hub\\": \\"$3\\"" >/var/lib/sonde/credential.json
else
  echo '{"event":"ready"}'; trap 'echo stopped; exit 0' TERM; while :; do sleep 0.1; done
fi
`;
let work: string;
let pin: string;
let bundle: Buffer;
let requests = 0;
let server: Server;
let url: string;
let root: string;

function freshRoot(): void {
  root = mkdtempSync(join(work, "root-"));
  mkdirSync(join(root, "var/lib"), { recursive: true });
  makeBusyboxRoot(root);
}

/** Empty when the process ended, also while nobody has waited for it yet. */
const commandLine = (pid: string): string => (existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "");
const sha256 = (): string => createHash("sha256").update(bundle).digest("hex");

/** The install line's shell, in a chroot with busybox and curl alone. */
async function install(values: {
  readonly pin: string;
  readonly sha256: string;
}): Promise<{ readonly status: number | null; readonly output: string }> {
  const [file = "", ...args] = enterCommand(
    root,
    `PATH=/bin; SONDE_MAX_SNAPLEN=1500; export PATH SONDE_MAX_SNAPLEN; ${fillInstaller({ url, ...values })}`,
  );
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stdin.end(token);
  const status = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  return { status, output };
}

const gate = gated(needs.root, needs.busybox, needs.curl, needs.openssl);

describe.skipIf(gate.skip)(gate.name("install line"), () => {
  beforeAll(async () => {
    work = mkdtempSync("/tmp/sonde-install-");
    const certificate = makeCertificate();
    pin = pinOf(new X509Certificate(certificate.cert).raw);
    mkdirSync(join(work, "agent"));
    writeFileSync(join(work, "agent/sonde-agent"), fakeAgent, { mode: 0o755 });
    spawnSync("tar", ["-czf", join(work, "bundle.tar.gz"), "-C", join(work, "agent"), "."]);
    bundle = readFileSync(join(work, "bundle.tar.gz"));
    server = createServer(certificate, (request, response) => {
      requests++;
      response.writeHead(request.url === "/api/v1/agent/bundle" ? 200 : 404).end(bundle);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    const pidFile = join(root, "var/lib/sonde/agent.pid");
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL");
  });
  afterAll(() => {
    server.close();
    rmSync(work, { recursive: true });
  });

  it("fetches, checks, enrols by standard input, starts in the background; again is safe", async () => {
    freshRoot();
    const first = await install({ pin, sha256: sha256() });
    expect(first.output).toContain(`Done: this host is enrolled at ${url}.`);
    expect(first.status).toBe(0);
    expect(readFileSync(join(root, "tmp/enrol-token"), "utf8")).toBe(token);
    expect(readFileSync(join(root, "tmp/enrol-args"), "utf8")).toBe(
      `enrol --hub ${url} --state /var/lib/sonde --token-file - --pin ${pin} --max-snaplen 1500\n`,
    );
    expect(readlinkSync(join(root, "opt/sonde/current"))).toBe(`/opt/sonde/versions/${sha256()}`);
    const pid = readFileSync(join(root, "var/lib/sonde/agent.pid"), "utf8");
    const before = requests;

    const again = await install({ pin, sha256: sha256() });
    expect(again.output).toContain("enrolled at");
    expect(again.status).toBe(0);
    expect(requests).toBe(before);
    expect(readFileSync(join(root, "var/lib/sonde/agent.pid"), "utf8")).not.toBe(pid);
    expect(commandLine(pid.trim())).toBe("");
  });

  it("leaves a hub with another key alone, and a bundle with other bytes uninstalled", async () => {
    freshRoot();
    const before = requests;
    const wrongKey = await install({ pin: `sha256//${Buffer.alloc(32).toString("base64")}`, sha256: sha256() });
    expect(wrongKey.status).toBe(1);
    expect(requests).toBe(before);
    const wrongBytes = await install({ pin, sha256: "0".repeat(64) });
    expect(wrongBytes.output).toContain("SHA-256 differs");
    expect(wrongBytes.status).toBe(1);
    expect(existsSync(join(root, "opt/sonde/current"))).toBe(false);
    expect(existsSync(join(root, "tmp/enrol-token"))).toBe(false);
  });
});
