import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { keepLog } from "../logfile.mjs";
import { root } from "../paths.mjs";
import { asIdentity } from "../privilege.mjs";
import { capture, startChild } from "../proc.mjs";
import { Refusal } from "../say.mjs";
import { address4, address6, hostNames, macOf, names, ports, tags, vlanAddress } from "./hosts.mjs";
import { captureOf, taggedFrame } from "./tagged.mjs";

const site = join(root, "scripts/lib/demo/site.mjs");

/** Nothing of whoever started the demo: no proxy, no settings of curl. @returns {NodeJS.ProcessEnv} */
export const plainEnvironment = () => ({ PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" });

/** Runs what needs no file. */
const nobody = { uid: 65534, gid: 65534 };

/**
 * argv that runs a command with raw sockets, the right to change its own network, as DHCP needs, and no other.
 *
 * @param {{ uid: number, gid: number }} who
 * @param {readonly string[]} command
 */
export function asUserOnLink({ uid, gid }, command) {
  const caps = "+net_admin,+net_raw,+net_bind_service";
  return [
    ...["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", `--inh-caps=-all,${caps}`, `--bounding-set=-all,${caps}`],
    ...[`--ambient-caps=-all,${caps}`, "--no-new-privs", "--pdeathsig=KILL", "--", ...command],
  ];
}

/** dnsmasq as the DNS and DHCP server of the demo; it forwards nothing. @param {string} net */
function dnsmasq(net) {
  const leases = [`${net}.200`, `${net}.220`, "2m"];
  const records = /** @type {const} */ ([
    [names.www, "web-1"],
    [names.app, "web-2"],
    [names.db, "db-1"],
    ...hostNames.map((name) => /** @type {const} */ ([`${name}.demo.test`, name])),
  ]);
  return [
    ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--no-resolv", "--no-hosts", "--leasefile-ro"],
    ...["--log-facility=-", "--no-ping", "--interface=eth0", "--except-interface=lo", "--bind-interfaces", "--local=/demo.test/"],
    `--dhcp-range=${leases.join(",")}`,
    ...records.map(([record, host]) => `--host-record=${record},${address4(net, host)},${address6(host)}`),
  ];
}

/**
 * Makes what the services and their clients read: a certificate that is good for this run, something to upload, and frames with tags.
 *
 * @param {string} folder the identity's own
 * @param {import("../privilege.mjs").Identity} identity
 */
export async function makeFiles(folder, identity) {
  writeFileSync(join(folder, "upload"), randomBytes(200_000), { mode: 0o644 });
  writeFileSync(join(folder, "tagged.pcap"), taggedMessages(), { mode: 0o644 });
  const request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const subject = ["-subj", `/CN=${names.www}`, "-addext", `subjectAltName=DNS:${names.www},DNS:${names.app}`];
  const command = asIdentity(identity, [
    ...request,
    ...subject,
    "-keyout",
    join(folder, "key.pem"),
    "-out",
    join(folder, "certificate.pem"),
  ]);
  const { code, stderr } = await capture({ command, cwd: folder, env: process.env });
  if (code !== 0) throw new Refusal("openssl made no certificate for the demo's web servers.", stderr);
}

/** What web-1 logs to db-1 in their VLAN. */
function taggedMessages() {
  const message = {
    macs: /** @type {const} */ ([macOf("db-1"), macOf("web-1")]),
    addresses: /** @type {const} */ ([vlanAddress("web-1"), vlanAddress("db-1")]),
  };
  const ways = [[tags.vlan], [tags.vlan], [tags.service, tags.vlan]];
  return captureOf(ways.map((vlans, i) => taggedFrame({ ...message, vlans, text: `app: order ${i + 1} stored` })));
}

/**
 * Starts what the hosts serve and waits until it does.
 *
 * @param {object} options
 * @param {import("./network.mjs").Network} options.network
 * @param {string} options.folder that of makeFiles
 * @param {string} options.log
 * @param {import("../privilege.mjs").Identity} options.identity without privilege
 * @param {NodeJS.ProcessEnv} options.env
 * @param {(part: import("../proc.mjs").Part) => void} options.onStart
 */
export async function startServices({ network, folder, log, identity, env, onStart }) {
  const { net } = network;
  const web = ["80", join(folder, "certificate.pem"), join(folder, "key.pem"), `${address4(net, "db-1")}:${ports.search}`];
  const node = (/** @type {readonly string[]} */ args) => asIdentity(identity, [process.execPath, site, ...args]);
  const start = async (
    /** @type {import("./hosts.mjs").HostName} */ host,
    /** @type {{ what: string, command: readonly string[], ready: RegExp }} */ { what, command, ready },
  ) => {
    const name = `${what} of ${host}`;
    const { onLine } = keepLog(log, `${what}-${host}`, { quiet: true });
    const child = startChild({ name, command: [...network.enter(host), ...command], cwd: folder, env, onLine });
    onStart({ name, child, stop: () => child.stop({ graceMs: 1000 }) });
    await child.waitFor((text) => (ready.test(text) ? true : undefined), 20_000);
  };
  const listening = /^listening$/;
  await Promise.all([
    start("dns-1", { what: "dnsmasq", command: asUserOnLink(nobody, dnsmasq(net)), ready: /started/ }),
    start("web-1", { what: "site", command: node(web), ready: listening }),
    start("web-2", { what: "site", command: node(web), ready: listening }),
    start("db-1", { what: "search", command: node([String(ports.search)]), ready: listening }),
    start("db-1", {
      what: "iperf3",
      command: asIdentity(identity, ["iperf3", "--server", "--forceflush", "--port", String(ports.bulk)]),
      ready: /listening/,
    }),
  ]);
}
