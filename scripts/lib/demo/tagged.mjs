/** Frames with VLAN tags as a capture file, for kernels that have no VLAN devices. */

const SYSLOG = 514;
const etherTypes = { ipv4: 0x0800, vlan: 0x8100, service: 0x88a8 };

/**
 * What one host logs to another over UDP (RFC 5426), inside one tag or two.
 *
 * @typedef {object} Message
 * @property {readonly [string, string]} macs destination and source, `02:…`
 * @property {readonly [string, string]} addresses IPv4, source and destination
 * @property {readonly number[]} vlans outer first
 * @property {string} text
 */

/** @param {Message} message @returns {Buffer} an Ethernet frame without its check sequence */
export function taggedFrame({ macs, addresses, vlans, text }) {
  const tags = vlans.flatMap((vlan, i) => [i === 0 && vlans.length > 1 ? etherTypes.service : etherTypes.vlan, vlan]);
  const ethernet = Buffer.concat([...macs.map((mac) => Buffer.from(mac.replaceAll(":", ""), "hex")), words(...tags, etherTypes.ipv4)]);
  const payload = Buffer.from(`<134>${text}`);
  const udp = Buffer.concat([words(SYSLOG, SYSLOG, 8 + payload.length, 0), payload]); // 0: no checksum (RFC 768)
  const ip = Buffer.concat([words(0x4500, 20 + udp.length, 0, 0x4000, 0x4011, 0), ...addresses.map(dotted)]);
  ip.writeUInt16BE(checksum(ip), 10);
  return Buffer.concat([ethernet, ip, udp]);
}

/** A pcap file of Ethernet frames, a second apart. @param {readonly Buffer[]} frames */
export function captureOf(frames) {
  const little = (/** @type {number[]} */ ...values) => Buffer.from(Uint32Array.from(values).buffer);
  const header = Buffer.concat([little(0xa1b2c3d4), Buffer.from([2, 0, 4, 0]), little(0, 0, 65_535, 1)]);
  return Buffer.concat([header, ...frames.flatMap((frame, i) => [little(i, 0, frame.length, frame.length), frame])]);
}

/** 16 bits each, network order. @param {...number} values */
function words(...values) {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
  return bytes;
}

/** @param {string} address */
const dotted = (address) => Buffer.from(address.split(".").map(Number));

/** Of an IPv4 header whose own checksum is 0 (RFC 1071). @param {Buffer} header */
function checksum(header) {
  let sum = 0;
  for (let i = 0; i < header.length; i += 2) sum += header.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
