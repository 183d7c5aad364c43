/**
 * The five hosts of the demo. `number` is the last part of a host's addresses.
 *
 * @typedef {object} DemoHost
 * @property {string} name
 * @property {number} number
 * @property {Readonly<Record<string, string>>} labels
 *
 * @typedef {"web-1" | "web-2" | "db-1" | "dns-1" | "client-1"} HostName
 */

/** @type {Readonly<Record<HostName, DemoHost>>} */
export const hosts = {
  "web-1": { name: "web-1", number: 11, labels: { role: "web", env: "prod", site: "ams" } },
  "web-2": { name: "web-2", number: 12, labels: { role: "web", env: "staging", site: "fra" } },
  "db-1": { name: "db-1", number: 21, labels: { role: "db", env: "prod", site: "ams" } },
  "dns-1": { name: "dns-1", number: 53, labels: { role: "dns", env: "prod", site: "ams" } },
  "client-1": { name: "client-1", number: 101, labels: { role: "client", env: "office", site: "ber" } },
};

export const hostNames = /** @type {HostName[]} */ (Object.keys(hosts));

/** Names that the demo's own DNS answers; .test is nobody's (RFC 6761). */
export const names = { www: "www.demo.test", app: "app.demo.test", db: "db.demo.test" };

/** UDP and TCP ports in use besides 53, 80 and 443. */
export const ports = { search: 9200, bulk: 5201, syslog: 514 };

/** Unique local (RFC 4193) and short, the same in every demo: its hosts reach nobody else. @param {HostName} name */
export const address6 = (name) => `fd53::${hosts[name].number}`;

/** @param {string} net first three parts of the demo's IPv4 addresses @param {HostName} name */
export const address4 = (net, name) => `${net}.${hosts[name].number}`;

/** Locally administered: 02 and "Sond" in ASCII. @param {HostName} name */
export const macOf = (name) => `02:53:6f:6e:64:${hosts[name].number.toString(16).padStart(2, "0")}`;

/** Inside the VXLAN between web-1 and db-1. @param {HostName} name */
export const overlayAddress = (name) => `172.29.42.${hosts[name].number}`;
/** In the VLAN between web-1 and db-1. @param {HostName} name */
export const vlanAddress = (name) => `172.29.20.${hosts[name].number}`;
/** `service` is around `vlan` in frames with two tags. */
export const tags = { vxlan: 42, vlan: 20, service: 100 };
