import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseRecord, readable } from "./logfile.mjs";
import { root } from "./paths.mjs";
import { asIdentity, environmentFor, ownFolder } from "./privilege.mjs";
import { run, startChild } from "./proc.mjs";
import { Refusal } from "./say.mjs";

const program = join(root, "apps/agent/dist/agent.mjs");
const self = /** @type {const} */ ({ kind: "self" });

/**
 * @typedef {object} AgentOptions
 * @property {string} state the agent's folder, mode 0700
 * @property {readonly string[]} [enter] argv that comes before the agent's own, such as nsenter with a namespace
 * @property {readonly string[]} [flags] more of `sonde-agent run`'s flags
 * @property {(line: string) => void} [onLine]
 * @property {(part: import("./proc.mjs").Part) => void} [onStart] told as soon as there is something to stop
 */

/** @param {AgentOptions} options @param {readonly string[]} args */
const commandOf = ({ enter = [] }, args) => asIdentity(self, [...enter, process.execPath, program, ...args]);

/**
 * Enrols this host by the same path as any other: the token goes by standard input.
 *
 * @param {AgentOptions & { hub: { url: string, pin?: string | undefined }, token: string, force?: boolean }} options
 */
export async function enrolAgent(options) {
  const { hub, token, state, force = false } = options;
  ownFolder(state, self);
  const pin = hub.pin === undefined ? [] : ["--pin", hub.pin];
  const command = commandOf(options, [
    "enrol",
    "--hub",
    hub.url,
    "--token-file",
    "-",
    "--state",
    state,
    ...pin,
    ...(force ? ["--force"] : []),
  ]);
  const { code, output } = await run({ name: "enrol", command, cwd: root, env: environmentFor(self, process.env), input: token });
  if (code !== 0) throw new Refusal("this host could not enrol at the hub.", output);
}

/** @param {string} state */
const credentialFile = (state) => join(state, "credential.json");

/** @param {string} state */
export const isEnrolled = (state) => existsSync(credentialFile(state));

/**
 * Turns an enrolled agent to where its hub is now: SONDE_URL may have changed since, and with it the pin.
 * Where the hub does not know the credential any more, the agent is refused and enrols again.
 *
 * @param {string} state
 * @param {{ url: string, pin?: string | undefined }} hub
 */
export function followHub(state, hub) {
  const file = credentialFile(state);
  /** @type {{ hub?: string, pin?: string | null }} */
  let was;
  try {
    was = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return; // the agent says what is wrong with its file
  }
  const now = { hub: hub.url, pin: hub.pin ?? null };
  if (was.hub === now.hub && was.pin === now.pin) return;
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...was, ...now }, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/**
 * Starts the agent and waits until its programs are attached and the hub has taken it in.
 *
 * @param {AgentOptions} options
 * @returns {Promise<{ child: import("./proc.mjs").Child, outcome: "ready" | "refused", interfaces: readonly string[], stop: () => Promise<void> }>}
 *   `refused`: the hub does not know the credential (any more); the agent has been stopped
 */
export async function startAgent(options) {
  ownFolder(options.state, self);
  const command = commandOf(options, ["run", "--state", options.state, ...(options.flags ?? [])]);
  const { onLine } = options;
  const child = startChild({
    name: "the agent",
    command,
    cwd: root,
    env: environmentFor(self, process.env),
    ...(onLine === undefined ? {} : { onLine }),
  });
  const stop = () => child.stop({ signal: "SIGTERM", graceMs: 6000 });
  options.onStart?.({ name: "the agent", child, stop });
  try {
    const first = await child.waitFor((text) => {
      const record = parseRecord(text);
      return record?.["event"] === "ready" || record?.["event"] === "refused" ? record : undefined;
    }, 30_000);
    if (first["event"] === "ready") return { child, outcome: "ready", interfaces: namesOf(first["interfaces"]), stop };
    await stop();
    return { child, outcome: "refused", interfaces: [], stop };
  } catch (error) {
    await stop();
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}.`, readable(child.tail()));
  }
}

/** @param {unknown} value @returns {string[]} */
function namesOf(value) {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry) => (typeof entry === "string" ? [entry] : typeof entry?.name === "string" ? [entry.name] : []));
}
