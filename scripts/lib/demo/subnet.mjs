/** The demo's IPv4 network, and that it gets in nobody's way. */

/** First three parts of the networks tried, in this order. */
const candidates = Array.from({ length: 16 }, (_, i) => `10.83.${i}`);

/** @param {string} dotted @returns {number} 32 bits */
const bits = (dotted) => dotted.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) >>> 0;

/** @param {string} net first three parts of a /24 @param {string} route a destination as `ip -j route` writes it */
function overlaps(net, route) {
  const [address = "", length = "32"] = route.split("/");
  if (!/^\d+(\.\d+){3}$/.test(address)) return false; // the default route leads to everything else
  const mask = Math.min(24, Number(length));
  const shift = 2 ** (32 - mask);
  return Math.floor(bits(address) / shift) === Math.floor(bits(`${net}.0`) / shift);
}

/**
 * The first of the demo's /24 networks that no route of this machine touches.
 *
 * @param {readonly string[]} routes destinations, as `ip -j -4 route show table all` names them
 * @returns {string | undefined} its first three parts
 */
export function freeNet(routes) {
  return candidates.find((net) => !routes.some((route) => route !== "0.0.0.0/0" && overlaps(net, route)));
}
