/** Words for the numbers of DNS. Source: IANA dns-parameters. */

export const rrTypes: ReadonlyMap<number, string> = new Map([
  ...list(1, "A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP NSAP-PTR SIG KEY PX GPOS"),
  ...list(28, "AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME SINK OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID"),
  ...list(50, "NSEC3 NSEC3PARAM TLSA SMIMEA"),
  ...list(55, "HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS"),
  ...list(99, "SPF UINFO UID GID UNSPEC NID L32 L64 LP EUI48 EUI64"),
  ...list(249, "TKEY TSIG IXFR AXFR MAILB MAILA ANY URI CAA AVC DOA AMTRELAY"),
  ...list(32768, "TA DLV"),
  [65281, "WINS"],
  [65282, "WINS-R"],
]);

export const classes: ReadonlyMap<number, string> = new Map([
  [1, "IN"],
  [2, "CS"],
  [3, "CH"],
  [4, "HS"],
  [254, "NONE"],
  [255, "ANY"],
]);

export const opcodes: ReadonlyMap<number, string> = new Map([
  [0, "Standard query"],
  [1, "Inverse query"],
  [2, "Server status request"],
  [4, "Zone change notification"],
  [5, "Dynamic update"],
  [6, "DNS stateful operation"],
]);

export const replyCodes: ReadonlyMap<number, string> = new Map([
  [0, "No error"],
  [1, "Format error"],
  [2, "Server failure"],
  [3, "No such name"],
  [4, "Not implemented"],
  [5, "Refused"],
  [6, "Name exists"],
  [7, "RRset exists"],
  [8, "RRset does not exist"],
  [9, "Not authoritative"],
  [10, "Name out of zone"],
  [11, "DSO type not implemented"],
]);

export const optCodes: ReadonlyMap<number, string> = new Map([
  [1, "LLQ"],
  [2, "UL"],
  [3, "NSID"],
  [5, "DAU"],
  [6, "DHU"],
  [7, "N3U"],
  [8, "Client subnet"],
  [9, "EXPIRE"],
  [10, "COOKIE"],
  [11, "TCP keepalive"],
  [12, "Padding"],
  [13, "CHAIN"],
  [14, "Key tag"],
  [15, "Extended error"],
]);

export const svcParamKeys: ReadonlyMap<number, string> = new Map([
  ...list(0, "mandatory alpn no-default-alpn port ipv4hint ech ipv6hint dohpath ohttp"),
]);

export const keyAlgorithms: ReadonlyMap<number, string> = new Map([
  [1, "RSA/MD5"],
  [2, "Diffie-Hellman"],
  [3, "DSA/SHA-1"],
  [5, "RSA/SHA-1"],
  [6, "DSA-NSEC3-SHA1"],
  [7, "RSASHA1-NSEC3-SHA1"],
  [8, "RSA/SHA-256"],
  [10, "RSA/SHA-512"],
  [12, "GOST R 34.10-2001"],
  [13, "ECDSA P-256 with SHA-256"],
  [14, "ECDSA P-384 with SHA-384"],
  [15, "Ed25519"],
  [16, "Ed448"],
]);

export const digestTypes: ReadonlyMap<number, string> = new Map([...list(1, "SHA-1 SHA-256 GOST-R-34.11-94 SHA-384")]);

export const typeName = (type: number): string => rrTypes.get(type) ?? `TYPE${type}`; // RFC 3597 5

function list(from: number, words: string): [number, string][] {
  return words.split(" ").map((word, i) => [from + i, word]);
}
