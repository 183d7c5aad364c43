import { quoted } from "../../domain/packets/expressions.ts";
import type { PacketRow } from "../../domain/packets/types.ts";
import { visible } from "../../domain/text.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i;

/** An address of the list as filters name it. */
function addressTarget(address: string, end: "src" | "dst"): Pick<ValueTarget, "term" | "either" | "capture"> {
  if (IPV4.test(address)) return { term: `ip.${end} == ${address}`, either: `ip.addr == ${address}`, capture: `${end} host ${address}` };
  if (MAC.test(address)) return { term: `eth.${end} == ${address}`, either: `eth.addr == ${address}`, capture: `ether ${end} ${address}` };
  if (IPV6.test(address))
    return { term: `ipv6.${end} == ${address}`, either: `ipv6.addr == ${address}`, capture: `${end} host ${address}` };
  return { term: null, capture: null };
}

/** Protocols of the list whose name is also that of a field, and of tcpdump's language. */
const captureNames: Readonly<Record<string, string>> = {
  tcp: "tcp",
  udp: "udp",
  arp: "arp",
  icmp: "icmp",
  icmpv6: "icmp6",
  dns: "port 53",
  http: "tcp port 80",
  tls: "tcp port 443",
  ntp: "udp port 123",
  dhcp: "port 67 or port 68",
};

/** What a cell of the packet list says, for the menu of values; `time` is the row's as it is written. */
export function cellTarget(row: PacketRow, column: string, time: string): ValueTarget {
  const of = (heading: string, text: string, more: Partial<ValueTarget> = {}): ValueTarget => ({
    heading,
    text,
    term: null,
    capture: null,
    ...more,
  });
  switch (column) {
    case "source":
      return of(`Source ${visible(row.source)}`, row.source, addressTarget(row.source, "src"));
    case "destination":
      return of(`Destination ${visible(row.destination)}`, row.destination, addressTarget(row.destination, "dst"));
    case "protocol": {
      const name = row.protocol.toLowerCase().replace(/v?1\.[0-3]$/, "");
      const term = /^[a-z][a-z0-9]*$/.test(name) ? name : null;
      return of(`Protocol ${visible(row.protocol)}`, row.protocol, { term, capture: captureNames[name] ?? null });
    }
    case "length":
      return of(`Length ${row.length}`, String(row.length), { term: `frame.len == ${row.length}`, capture: `len == ${row.length}` });
    case "host":
      return of(`Host ${visible(row.host ?? "–")}`, row.host ?? "", {
        term: row.host === null ? null : `host.name == ${quoted(row.host)}`,
      });
    case "interface": {
      const name = row.interfaceName;
      return of(`Interface ${visible(name ?? "–")}`, name ?? "", {
        term: name === null ? null : `frame.interface_name == ${quoted(name)}`,
      });
    }
    case "time":
      return of(`Time ${time}`, time);
    case "number":
      return of(`Packet ${row.number}`, String(row.number), { term: `frame.number == ${row.number}` });
    default:
      return of(`Packet ${row.number}`, visible(row.info));
  }
}
