import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.mjs";
import { asIdentity } from "../privilege.mjs";
import { startChild } from "../proc.mjs";
import { Refusal } from "../say.mjs";
import { addExtras } from "./extras.mjs";
import { address4, hostNames, hosts, macOf } from "./hosts.mjs";
import { attempt, enter, ipBatch, must } from "./ip.mjs";
import { freeNet } from "./subnet.mjs";

const self = /** @type {const} */ ({ kind: "self" });

/** Answers of the demo's own DNS alone, whatever this machine uses. @param {string} net */
const files = (net) => ({
  "resolv.conf": `nameserver ${address4(net, "dns-1")}\noptions timeout:2 attempts:2\n`,
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
});

/** Keeps a host's namespaces while it runs; with it they go, and every link in them. */
const anchor = `
  set -e
  hostname "$0"
  for name in resolv.conf nsswitch.conf; do
    if [ -n "$1" ] && [ -e /etc/$name ]; then mount --bind "$1/$name" /etc/$name; fi
  done
  echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
  ip link set lo up
  echo up
  exec sleep infinity`;

/**
 * @typedef {object} Network
 * @property {string} net first three parts of the IPv4 addresses
 * @property {(name: import("./hosts.mjs").HostName) => string[]} enter argv prefix that runs a command on a host
 * @property {(name: import("./hosts.mjs").HostName) => number} pid a process that lives as long as the host
 * @property {import("./extras.mjs").Extras} has what this kernel had for it beyond Ethernet and IP
 * @property {(name: import("./hosts.mjs").HostName, up: boolean) => void} plug takes the switch's port of a host up or down
 */

/**
 * Five hosts and a switch in namespaces without names, which end with their processes; one link leads to this
 * machine. (The bridge has a namespace of its own: rules that this machine's firewall has for bridged frames
 * do not reach it.)
 *
 * @param {{ folder: string, link: string, onStart: (part: import("../proc.mjs").Part) => void }} options
 *   folder: others may read it; link: name of the interface on this machine
 * @returns {Promise<Network>}
 */
export async function openNetwork({ folder, link, onStart }) {
  const net = freeNet(routesHere());
  if (net === undefined)
    throw new Refusal("every network of 10.83.0.0/20 is routed somewhere from this machine: there is none for the demo.");
  for (const [name, text] of Object.entries(files(net))) writeFileSync(join(folder, name), text, { mode: 0o644 });
  const keep = async (/** @type {string} */ name, /** @type {string} */ mounts) => {
    const command = asIdentity(self, ["unshare", "--net", "--mount", "--uts", "--", "sh", "-c", anchor, name, mounts]);
    const child = startChild({ name, command, cwd: root, env: process.env });
    onStart({ name, child, stop: () => child.stop({ signal: "SIGKILL" }) });
    await child.waitFor((text) => (text === "up" ? true : undefined), 10_000);
    return child.pid;
  };
  const hub = await keep("switch", "");
  attempt(["sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"], { pid: hub }); // a switch says nothing itself
  ipBatch(["link add br0 type bridge", "link set br0 up"], hub);
  /** @type {Map<string, number>} */
  const pids = new Map();
  for (const name of hostNames) {
    const pid = await keep(name, folder);
    pids.set(name, pid);
    connect({ hub, pid, name, net });
  }
  const pid = (/** @type {string} */ name) => pids.get(name) ?? 0;
  connectHere({ hub, link, net });
  const has = addExtras({ net, pid });
  const plug = (/** @type {import("./hosts.mjs").HostName} */ name, /** @type {boolean} */ up) =>
    void must(["ip", "link", "set", portOf(name), up ? "up" : "down"], { pid: hub });
  return { net, enter: (name) => enter(pid(name)), pid, has, plug };
}

/** Destinations of this machine's IPv4 routes. */
function routesHere() {
  const routes = /** @type {{ dst?: string }[]} */ (JSON.parse(must(["ip", "-j", "-4", "route", "show", "table", "all"]) || "[]"));
  return routes.flatMap(({ dst }) => (dst === undefined ? [] : [dst]));
}

/** @param {import("./hosts.mjs").HostName} name */
const portOf = (name) => `port${hosts[name].number}`;

/**
 * A cable from the switch to a host's eth0. Segments are cut to frames before they leave, so that what is seen is
 * what a wire would carry.
 *
 * @param {{ hub: number, pid: number, name: import("./hosts.mjs").HostName, net: string }} ends
 */
function connect({ hub, pid, name, net }) {
  const port = portOf(name);
  ipBatch(
    [`link add ${port} type veth peer name eth0 address ${macOf(name)} netns ${pid}`, `link set ${port} gso_max_segs 1 master br0 up`],
    hub,
  );
  ipBatch([`address add ${address4(net, name)}/24 dev eth0`, "link set eth0 gso_max_segs 1 up", `route add default via ${net}.1`], pid);
}

/** The cable from the switch to this machine, whose end here bears what it is for. @param {{ hub: number, link: string, net: string }} ends */
function connectHere({ hub, link, net }) {
  must(["ip", "link", "add", link, "type", "veth", "peer", "name", "here", "netns", String(hub)]);
  must(["ip", "address", "add", `${net}.1/24`, "dev", link]);
  must(["ip", "link", "set", link, "up"]);
  ipBatch(["link set here master br0 up"], hub);
}
