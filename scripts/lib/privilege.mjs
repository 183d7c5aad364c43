import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { Refusal } from "./say.mjs";

/**
 * Who a child runs as.
 * - `self`: as this process
 * - `user`: a dropped uid with no group, no capability and no way to gain one
 * - `namespace`: a user namespace of its own, where this uid can still read its files but holds no
 *   capability over the machine; for a clone that root alone can read
 *
 * @typedef {{ kind: "self" } | { kind: "user", uid: number, gid: number, name: string, home: string } | { kind: "namespace" }} Identity
 */

/** @typedef {{ uid: number, gid: number, name: string, home: string }} Account */

const nobody = 65534;

/** An account by uid, from the machine's user database. @param {number} uid @returns {Account | undefined} */
export function account(uid) {
  const entry = spawnSync("getent", ["passwd", String(uid)], { encoding: "utf8" });
  const [name, , id, gid, , home] = entry.status === 0 ? entry.stdout.trim().split(":") : [];
  return name === undefined ? undefined : { name, uid: Number(id), gid: Number(gid), home: home ?? "/" };
}

/**
 * The account behind `sudo`, if that is how this process came to be root.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function sudoAccount(env) {
  const uid = Number(env["SUDO_UID"] ?? 0);
  return process.getuid?.() === 0 && Number.isSafeInteger(uid) && uid > 0 ? account(uid) : undefined;
}

/**
 * Chooses who the hub and Postgres run as.
 *
 * @param {{ clone: string, needs: readonly string[], env: NodeJS.ProcessEnv }} input needs: files the
 *   children must be able to read; a file that is executable must be executable for them too
 * @returns {Identity}
 */
export function chooseIdentity({ clone, needs, env }) {
  if (process.getuid?.() !== 0) return { kind: "self" };
  const owner = statSync(clone).uid;
  for (const candidate of [sudoAccount(env), account(nobody), owner === 0 ? undefined : account(owner)]) {
    if (candidate !== undefined && canRead(candidate, needs)) return { kind: "user", ...candidate };
  }
  return { kind: "namespace" };
}

/** @param {Account} who @param {readonly string[]} files */
function canRead(who, files) {
  const script = 'for f; do test -r "$f" || exit 1; done';
  const argv = asIdentity({ kind: "user", ...who }, ["sh", "-c", script, "sh", ...files]);
  const probe = spawnSync(argv[0] ?? "", argv.slice(1), { cwd: "/", stdio: "ignore" });
  return probe.status === 0;
}

/**
 * argv that runs `command` as an identity and ends it by `deathSignal` when this process dies, however
 * it dies. The pid stays the same: setpriv and unshare replace themselves.
 *
 * @param {Identity} identity
 * @param {readonly string[]} command
 * @param {NodeJS.Signals} [deathSignal]
 * @returns {string[]}
 */
export function asIdentity(identity, command, deathSignal = "SIGKILL") {
  const death = `--pdeathsig=${deathSignal.slice(3)}`;
  switch (identity.kind) {
    case "self":
      return ["setpriv", death, "--", ...command];
    case "user":
      return [
        ...["setpriv", `--reuid=${identity.uid}`, `--regid=${identity.gid}`, "--clear-groups"],
        ...["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs", death, "--", ...command],
      ];
    case "namespace":
      // initdb looks its uid up in the user database: nobody is there on every Debian. The first exec
      // as a uid other than 0 clears the capabilities that the new namespace gave.
      return [
        ...["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`, "--"],
        ...["setpriv", "--no-new-privs", death, "--", ...command],
      ];
  }
}

/**
 * The environment of a child: nothing of npm's or sudo's, and a home it can read.
 *
 * @param {Identity} identity
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(identity, env) {
  const kept = Object.entries(env).filter(([name]) => !/^(npm_|SUDO_|INIT_CWD$)/i.test(name));
  const own = identity.kind === "user" ? { HOME: identity.home, USER: identity.name, LOGNAME: identity.name } : {};
  return { ...Object.fromEntries(kept), ...own };
}

/**
 * Makes a folder that only the identity can enter, and hands it over when it belonged to another.
 *
 * @param {string} path
 * @param {Identity} identity
 */
export function ownFolder(path, identity) {
  if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 });
  const uid = identity.kind === "user" ? identity.uid : (process.getuid?.() ?? 0);
  const gid = identity.kind === "user" ? identity.gid : (process.getgid?.() ?? 0);
  if (lstatSync(path).uid === uid) return;
  // -P is the default: links inside are never followed
  const handed = spawnSync("chown", ["--recursive", "--no-dereference", `${uid}:${gid}`, path], { encoding: "utf8" });
  if (handed.status !== 0) {
    throw new Refusal(`${path} belongs to another user, from a start as root: start as root again, or remove it as root.`, handed.stderr);
  }
}

/** For messages. @param {Identity} identity */
export function describeIdentity(identity) {
  switch (identity.kind) {
    case "self":
      return "as this user";
    case "user":
      return `as ${identity.name}, without privilege`;
    case "namespace":
      return "in a user namespace, without privilege";
  }
}
