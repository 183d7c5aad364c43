import { address4, address6, hostNames, overlayAddress, ports, tags, vlanAddress } from "./hosts.mjs";
import { attempt } from "./ip.mjs";

/**
 * What a kernel may have been built without; the demo then does without it too.
 *
 * @typedef {{ readonly ipv6: boolean, readonly vxlan: boolean, readonly vlan: boolean, readonly loss: boolean }} Extras
 */

/** Every so many-th packet that comes in is lost: bulk transfers to db-1, answers of web-2 to client-1. */
const losses = /** @type {const} */ ([
  { on: "db-1", match: `tcp dport ${ports.bulk}`, every: 149 },
  { on: "client-1", match: "tcp sport 80", every: 61 },
]);

/** @typedef {(name: import("./hosts.mjs").HostName) => number} PidOf */

/** @param {{ net: string, pid: PidOf }} network @returns {Extras} */
export const addExtras = ({ net, pid }) => ({
  ipv6: addIpv6(pid),
  vxlan: addVxlan(net, pid),
  vlan: addVlan(pid),
  loss: addLoss(pid),
});

/** @param {PidOf} pid */
const addIpv6 = (pid) => hostNames.every((name) => batch(pid(name), [`address add ${address6(name)}/64 dev eth0 nodad`]));

/** The two hosts that VXLAN and VLAN join. */
const pair = /** @type {const} */ (["web-1", "db-1"]);

/** @param {string} net @param {PidOf} pid */
function addVxlan(net, pid) {
  return pair.every((name, i) => {
    const other = address4(net, pair[1 - i] ?? name);
    return batch(pid(name), [
      `link add vxlan0 type vxlan id ${tags.vxlan} remote ${other} dstport 4789 dev eth0`,
      `address add ${overlayAddress(name)}/24 dev vxlan0`,
      "link set vxlan0 up",
    ]);
  });
}

/** @param {PidOf} pid */
function addVlan(pid) {
  return pair.every((name) =>
    batch(pid(name), [
      `link add link eth0 name eth0.${tags.vlan} type vlan id ${tags.vlan}`,
      `address add ${vlanAddress(name)}/24 dev eth0.${tags.vlan}`,
      `link set eth0.${tags.vlan} up`,
    ]),
  );
}

/** By nftables, counting rather than rolling dice, so that every run loses the same. @param {PidOf} pid */
function addLoss(pid) {
  return losses.every(({ on, match, every }) => {
    const rules = `table inet demo {\nchain input {\ntype filter hook input priority 0;\n${match} numgen inc mod ${every} 0 counter drop\n}\n}\n`;
    return attempt(["nft", "-f", "-"], { pid: pid(on), input: rules }).ok;
  });
}

/** @param {number} pid @param {readonly string[]} lines */
const batch = (pid, lines) => attempt(["ip", "-batch", "-"], { pid, input: `${lines.join("\n")}\n` }).ok;
