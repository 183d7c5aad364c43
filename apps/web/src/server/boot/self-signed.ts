import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

/** One DER element: tag, definite length, content (X.690 8.1). */
function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
const sequence = (...content: Uint8Array[]): Buffer => der(0x30, ...content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const ECDSA_SHA256 = oid("2a8648ce3d040302");
const COMMON_NAME = oid("550403");
const BASIC_CONSTRAINTS = oid("551d13");
const SUBJECT_ALT_NAME = oid("551d11");
const TRUE = Buffer.from([0x01, 0x01, 0xff]);

function generalizedTime(at: Date): Buffer {
  return der(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`, "ascii"));
}

function addressBytes(ip: string): Buffer {
  if (isIP(ip) === 4) return Buffer.from(ip.split(".").map(Number));
  const [head = "", tail] = ip.split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const groups = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** GeneralName (RFC 5280 4.2.1.6): iPAddress [7] or dNSName [2]. */
function generalName(host: string): Buffer {
  return isIP(host) ? der(0x87, addressBytes(host)) : der(0x82, Buffer.from(host, "ascii"));
}

/** The private key is PKCS #8 PEM. */
export function makeKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/**
 * A self-signed X.509 v3 certificate (RFC 5280) for `host` (a name or an address, no brackets), good for ten years:
 * clients know it by its key, not by its dates.
 */
export function selfSign(keyPem: string, host: string, now: Date): string {
  const spki = createPublicKey(keyPem).export({ type: "spki", format: "der" });
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from("Sonde hub", "utf8")))));
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40; // positive and of fixed length
  const day = 86_400_000;
  const validity = sequence(generalizedTime(new Date(now.getTime() - day)), generalizedTime(new Date(now.getTime() + 3650 * day)));
  const extensions = sequence(
    sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, sequence())),
    sequence(SUBJECT_ALT_NAME, der(0x04, sequence(generalName(host)))),
  );
  const algorithm = sequence(ECDSA_SHA256);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    name,
    validity,
    name,
    spki,
    der(0xa3, extensions),
  );
  const signature = sign("sha256", body, keyPem);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.from([0]), signature));
  return `-----BEGIN CERTIFICATE-----\n${certificate
    .toString("base64")
    .replace(/(.{64})/g, "$1\n")
    .trimEnd()}\n-----END CERTIFICATE-----\n`;
}

/** curl's --pinnedpubkey value: `sha256//` and the base64 SHA-256 of the DER public key (SubjectPublicKeyInfo). */
export function keyPin(certPem: string): string {
  const spki = new X509Certificate(certPem).publicKey.export({ type: "spki", format: "der" });
  return `sha256//${createHash("sha256").update(spki).digest("base64")}`;
}
