import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { fillInstaller } from "./installer.ts";

const token = "sonde_enrol_very-secret";
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs the installer in busybox sh, where `fakes` stand for commands, with a prefix it must not come to fill. */
function install(fakes: Record<string, string>, input: string, script = fillInstaller({ url: "http://127.0.0.1:1" })) {
  const folder = mkdtempSync(join(tmpdir(), "sonde-install-"));
  folders.push(folder);
  const prefix = join(folder, "opt");
  const env = { PATH: process.env["PATH"] ?? "", SONDE_PREFIX: prefix, SONDE_STATE: join(folder, "state") };
  // Functions, because busybox sh takes its own applets before those of PATH.
  const functions = Object.entries(fakes).map(([name, body]) => `${name}() { ${body}; }\n`);
  const { status, stderr, stdout } = spawnSync("busybox", ["sh", "-c", functions.join("") + script], { input, env, encoding: "utf8" });
  return { status, output: stdout + stderr, touched: existsSync(prefix) };
}

const gate = gated(needs.busybox, needs.curl);

describe.skipIf(gate.skip)(gate.name("install script"), () => {
  it("refuses other machines by name, before anything is fetched or written", () => {
    const result = install({ uname: "case $1 in -m) echo aarch64;; *) echo Linux;; esac" }, token);
    expect(result).toMatchObject({ status: 1, touched: false });
    expect(result.output).toBe("sonde: the agent is built for x86_64; this machine is aarch64\n");
  });

  it("refuses other systems, users without root, and a missing curl", () => {
    const linux = { uname: "case $1 in -m) echo x86_64;; *) echo Linux;; esac", id: "echo 0" };
    expect(install({ ...linux, command: "[ $2 != curl ]" }, token).output).toContain("curl is missing");
    expect(install({ ...linux, uname: "echo FreeBSD" }, token).output).toContain("this is FreeBSD");
    expect(install({ ...linux, id: "echo 1000" }, token).output).toContain("needs root");
    expect(install(linux, "").output).toContain("token on standard input is empty");
  });

  it("runs nothing when the download was cut short", () => {
    const script = fillInstaller({ url: "http://127.0.0.1:1" });
    for (const share of [0.3, 0.6, 0.9, 0.99]) {
      expect(install({ id: "echo 0" }, token, script.slice(0, Math.floor(script.length * share))).touched).toBe(false);
    }
  });

  it("says which hub cannot be reached, leaves no half version and never shows the token", () => {
    const result = install({ id: "echo 0" }, token);
    expect(result.status).toBe(1);
    expect(result.output).toContain("the agent cannot be fetched from http://127.0.0.1:1");
    expect(result.output).not.toContain(token);
  });
});
