/** Words for the numbers of DHCP. Source: IANA bootp-dhcp-parameters and arp-parameters; RFC 4578 2.1. */

export const operations: ReadonlyMap<number, string> = new Map([
  [1, "Boot request"],
  [2, "Boot reply"],
]);

export const messageTypes: ReadonlyMap<number, string> = new Map([
  [1, "Discover"],
  [2, "Offer"],
  [3, "Request"],
  [4, "Decline"],
  [5, "ACK"],
  [6, "NAK"],
  [7, "Release"],
  [8, "Inform"],
  [9, "Force renew"],
  [10, "Lease query"],
  [11, "Lease unassigned"],
  [12, "Lease unknown"],
  [13, "Lease active"],
  [14, "Bulk lease query"],
  [15, "Lease query done"],
]);

export const hardwareTypes: ReadonlyMap<number, string> = new Map([
  [1, "Ethernet"],
  [6, "IEEE 802"],
  [7, "ARCNET"],
  [20, "Serial line"],
  [24, "IEEE 1394"],
  [32, "InfiniBand"],
]);

export const architectures: ReadonlyMap<number, string> = new Map([
  [0, "x86 BIOS"],
  [6, "x86 UEFI"],
  [7, "x64 UEFI"],
  [9, "EBC"],
  [10, "ARM 32-bit UEFI"],
  [11, "ARM 64-bit UEFI"],
  [15, "x86 UEFI HTTP"],
  [16, "x64 UEFI HTTP"],
  [18, "ARM 32-bit UEFI HTTP"],
  [19, "ARM 64-bit UEFI HTTP"],
]);
