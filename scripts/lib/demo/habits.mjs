import { address4, address6, hostNames, names, overlayAddress, ports, vlanAddress } from "./hosts.mjs";

/**
 * What a host does again and again.
 *
 * @typedef {object} Habit
 * @property {string} kind
 * @property {HostName} host
 * @property {readonly [number, number]} every bounds of the pause between two, ms; the first comes after a part of one
 * @property {readonly (readonly string[])[]} commands of which each time one is chosen
 * @property {boolean} [raw] needs raw sockets
 *
 * @typedef {import("./hosts.mjs").HostName} HostName
 */

/** @param {...string} args */
const curl = (...args) => ["curl", "--disable", "--silent", "--noproxy", "*", "--max-time", "4", "--output", "/dev/null", ...args];

/** @param {string} folder */
function pages(folder) {
  const [plain, secure] = [`http://${names.www}`, `https://${names.www}`];
  const trusted = ["--cacert", `${folder}/certificate.pem`];
  return [
    curl("--ipv4", `${plain}/`),
    curl("--ipv6", `${plain}/`),
    curl(`${plain}/catalog?page=2`),
    curl("--head", `${plain}/catalog`),
    curl(`${plain}/missing`),
    curl(`${plain}/broken`),
    curl(`http://${names.app}/orders`),
    curl(`http://${names.app}/orders`),
    curl(...trusted, `${secure}/`, `${secure}/catalog`, `${secure}/orders`),
    curl(...trusted, "--http1.1", `${secure}/orders`),
    curl(...trusted, "--tls-max", "1.2", `https://${names.app}/`),
    curl(`${secure}/`), // does not know the authority: ends in an alert
  ];
}

/** Names that are there, one that is not, and one of a zone that this server refuses. */
const asked = [names.www, names.app, names.db, "printer.demo.test", "updates.example.org"];

/** @param {string} server */
const lookups = (server) => asked.flatMap((name) => ["a", "aaaa"].map((type) => ["busybox", "nslookup", `-type=${type}`, name, server]));

/** @param {string} address */
const ping = (address) => ["ping", "-n", "-q", "-c", "3", "-i", "0.3", "-W", "1", address];

/**
 * Everything but the host that comes and goes.
 *
 * @param {{ net: string, has: import("./extras.mjs").Extras, folder: string }} place folder: with the certificate and what is uploaded
 * @returns {Habit[]}
 */
export function habitsOf({ net, has, folder }) {
  const at = (/** @type {HostName} */ name) => address4(net, name);
  const others = hostNames.filter((name) => name !== "client-1");
  const bulk = ["iperf3", "--client", at("db-1"), "--port", String(ports.bulk), "--time", "4"];
  const search = (/** @type {string} */ address) => curl(`http://${address}:${ports.search}/_search`);
  /** @type {Habit[]} */
  const always = [
    { kind: "page", host: "client-1", every: [500, 1_300], commands: pages(folder) },
    { kind: "download", host: "client-1", every: [9_000, 15_000], commands: [curl("--limit-rate", "400k", `http://${names.www}/image`)] },
    {
      kind: "upload",
      host: "client-1",
      every: [12_000, 20_000],
      commands: [curl("--data-binary", `@${folder}/upload`, `http://${names.app}/upload`)],
    },
    { kind: "ping", host: "client-1", every: [4_000, 6_000], commands: others.map((name) => ping(at(name))), raw: true },
    ...hostNames
      .filter((name) => name !== "dns-1")
      .map((host) => ({ kind: "lookup", host, every: /** @type {const} */ ([3_000, 7_000]), commands: lookups(at("dns-1")) })),
    { kind: "bulk", host: "web-1", every: [30_000, 45_000], commands: [[...bulk, "--bitrate", "12M"]] },
    { kind: "bulk", host: "web-2", every: [40_000, 60_000], commands: [[...bulk, "--bitrate", "8M", "--reverse"]] },
    {
      kind: "scan",
      host: "client-1",
      every: [60_000, 60_000],
      commands: others.map((name) => ["nc", "-n", "-z", "-w", "1", at(name), "1-250"]),
    },
    {
      kind: "syslog", // nobody listens: answered by ICMP
      host: "web-1",
      every: [5_000, 9_000],
      commands: [["sh", "-c", `echo '<134>app: order stored' | nc -n -u -w 1 ${at("db-1")} ${ports.syslog}`]],
    },
    {
      kind: "lease",
      host: "client-1",
      every: [45_000, 60_000],
      commands: [["busybox", "udhcpc", "-f", "-q", "-n", "-t", "2", "-T", "1", "-i", "eth0", "-s", "/bin/true"]],
      raw: true,
    },
  ];
  /** @type {(Habit | false)[]} */
  const sometimes = [
    has.ipv6 && { kind: "ping6", host: "client-1", every: [5_000, 8_000], commands: others.map((name) => ping(address6(name))), raw: true },
    has.vxlan && { kind: "vxlan", host: "web-1", every: [2_500, 4_000], commands: [search(overlayAddress("db-1"))] },
    has.vlan && { kind: "vlan", host: "web-1", every: [2_500, 4_000], commands: [search(vlanAddress("db-1"))] },
    !has.vlan && {
      kind: "vlan", // not answered: db-1 knows no VLAN either
      host: "web-1",
      every: [18_000, 26_000],
      commands: [["tcpreplay", "--quiet", "--pps", "5", "--intf1", "eth0", `${folder}/tagged.pcap`]],
      raw: true,
    },
  ];
  return [...always, ...sometimes.filter((habit) => habit !== false)];
}
