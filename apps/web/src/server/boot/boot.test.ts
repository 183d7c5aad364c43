import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, IncomingMessage, request } from "node:http";
import { Socket, type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { afterAll, describe, expect, test } from "vitest";
import { clientAddress, parseTrustedProxies } from "./addresses.ts";
import { readConfig } from "./config.ts";
import { readSecret, readTlsFiles } from "./data-dir.ts";
import { openDatabase } from "./database.ts";
import { acceptedHosts, createWebServer, listen, serveRequests } from "./web-server.ts";

const DATABASE_URL = "postgresql://user:s3cret@localhost/x";
const dir = mkdtempSync("/tmp/sonde-boot-");
afterAll(() => rmSync(dir, { recursive: true }));
const config = (env: Record<string, string> = {}) => readConfig({ DATABASE_URL, SONDE_DATA: dir, ...env });

describe("settings", () => {
  test("defaults", () => {
    expect(config()).toMatchObject({
      url: "http://127.0.0.1:7878",
      listen: { host: "127.0.0.1", port: 7878 },
      tls: { kind: "none" },
      trust: null,
    });
  });
  test.each([
    [{ SONDE_URL: "http://10.0.0.1:7878" }, /needs https:\/\/ there, or SONDE_TRUST_PROXY/],
    [{ SONDE_URL: "nonsense" }, /SONDE_URL is not a URL/],
    [{ SONDE_URL: "ftp://x" }, /must begin with http/],
    [{ SONDE_URL: "http://127.0.0.1/sub" }, /scheme, host and port only/],
    [{ SONDE_TLS_CERT: "/c" }, /go together/],
    [{ SONDE_TLS_CERT: "/c", SONDE_TLS_KEY: "/k" }, /make it https/],
    [{ SONDE_TRUST_PROXY: "yes" }, /SONDE_TRUST_PROXY must list/],
    [{ SONDE_LISTEN: "a b" }, /SONDE_LISTEN must be/],
    [{ SONDE_LOG_LEVEL: "loud" }, /SONDE_LOG_LEVEL must be/],
    [{ DATABASE_URL: "" }, /DATABASE_URL is not set/],
    [{ DATABASE_URL: "::::" }, /DATABASE_URL cannot be read/],
    [{ DATABASE_URL: "mysql://x" }, /must begin with postgresql/],
  ])("%j", (env, message) => {
    expect(() => config(env)).toThrow(message);
  });
  test("https away from loopback gets a certificate of the hub's own and listens everywhere", () => {
    expect(config({ SONDE_URL: "https://10.0.0.1:7878" })).toMatchObject({
      tls: { kind: "self-made" },
      listen: { host: undefined, port: 7878 },
    });
    expect(config({ SONDE_URL: "https://hub.example", SONDE_TRUST_PROXY: "10.0.0.0/8", SONDE_LISTEN: "127.0.0.1:8080" })).toMatchObject({
      tls: { kind: "none" },
      listen: { host: "127.0.0.1", port: 8080 },
    });
    expect(config({ SONDE_LISTEN: "[::1]:1" }).listen).toEqual({ host: "::1", port: 1 });
    expect(config({ SONDE_LISTEN: ":9" }).listen).toEqual({ host: undefined, port: 9 });
  });
});

test("a database that does not answer is named in one line, without its password", async () => {
  const opening = openDatabase("postgresql://user:s3cret@127.0.0.1:1/x", "/nowhere", pino({ level: "silent" }));
  await expect(opening).rejects.toThrow(/^DATABASE_URL: the database does not answer \(.*ECONNREFUSED.*\)$/);
  await expect(opening).rejects.not.toThrow(/s3cret/);
});

test("a port in use is named", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(listen(createWebServer(null), { host: "127.0.0.1", port })).rejects.toThrow(/the port is in use/);
  taken.close();
});

test("only proxies that are named are believed", () => {
  const trust = parseTrustedProxies("10.0.0.0/8, loopback");
  const from = (peer: string, forwarded?: string): IncomingMessage => {
    const message = new IncomingMessage(new Socket());
    Object.defineProperty(message.socket, "remoteAddress", { value: peer });
    if (forwarded !== undefined) message.headers["x-forwarded-for"] = forwarded;
    return message;
  };
  expect(clientAddress(from("::ffff:192.0.2.7", "1.1.1.1"), null)).toBe("192.0.2.7");
  expect(clientAddress(from("10.1.1.1", "6.6.6.6, 192.0.2.7, 10.2.2.2"), trust)).toBe("192.0.2.7");
  expect(clientAddress(from("10.1.1.1", "spoofed"), trust)).toBe("10.1.1.1");
  expect(clientAddress(from("192.0.2.9", "1.1.1.1"), trust)).toBeNull();
  expect(parseTrustedProxies("10.0.0.0/33")).toBeNull();
});

describe("self-made certificate", () => {
  const settings = config({ SONDE_URL: "https://127.0.0.2:1" });
  test("is kept private, keeps its key, and holds the address", () => {
    const [first, second] = [readTlsFiles(settings, new Date())!, readTlsFiles(settings, new Date())!];
    expect(second).toMatchObject({ key: first.key, pin: first.pin });
    expect(statSync(join(dir, "tls.key")).mode & 0o777).toBe(0o600);
    expect(readSecret(dir)).toBe(readSecret(dir));
    expect(statSync(join(dir, "secret")).mode & 0o777).toBe(0o600);
    const certificate = new X509Certificate(first.cert);
    expect(certificate.subjectAltName).toBe("IP Address:127.0.0.2");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const v6 = readTlsFiles(config({ SONDE_URL: "https://[2001:db8::1]:1" }), new Date())!;
    expect(new X509Certificate(v6.cert).subjectAltName).toBe("IP Address:2001:DB8:0:0:0:0:0:1");
  });

  test("curl takes the pinned key and refuses another, as the install line does", async () => {
    const tls = readTlsFiles(settings, new Date())!;
    const server = createWebServer(tls);
    server.on("request", (_, response) => response.end("hello"));
    const port = await listen(server, { host: "127.0.0.2", port: 0 });
    const curl = (pin: string) =>
      promisify(execFile)("curl", ["-fsSk", "--noproxy", "*", "--pinnedpubkey", pin, `https://127.0.0.2:${port}/`]);
    expect((await curl(tls.pin!)).stdout).toBe("hello");
    await expect(curl(`sha256//${"A".repeat(43)}=`)).rejects.toMatchObject({ code: 90 });
    server.closeAllConnections();
    server.close();
  });
});

test("requests by another name, and upgrades of another path, go nowhere", async () => {
  const settings = config({ SONDE_URL: "http://127.0.0.1:7878" });
  expect(acceptedHosts(settings)).toEqual(["127.0.0.1:7878", "localhost:7878", "[::1]:7878"]);
  const server = createWebServer(null);
  const seen: unknown[] = [];
  serveRequests(
    server,
    settings,
    async (message, response) => {
      seen.push(message.headers["x-sonde-client-address"], message.headers["x-forwarded-for"]);
      response.end("served");
    },
    { dev: false, log: pino({ level: "silent" }) },
  );
  const port = await listen(server, { host: "127.0.0.1", port: 0 });
  const ask = (headers: Record<string, string>, path = "/"): Promise<number | string> =>
    new Promise((resolve) => {
      const asking = request({ host: "127.0.0.1", port, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asking.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
      asking.end();
    });
  expect(await ask({ host: "evil.example" })).toBe(403);
  expect(await ask({ host: "evil.example" }, "/healthz")).toBe(200);
  expect(await ask({ host: "localhost:7878", "x-sonde-client-address": "6.6.6.6", "x-forwarded-for": "6.6.6.6" })).toBe(200);
  expect(seen.slice(-2)).toEqual(["127.0.0.1", undefined]);
  expect(await ask({ host: "localhost:7878", connection: "Upgrade", upgrade: "websocket" }, "/other")).toBe("ECONNRESET");
  server.closeAllConnections();
  server.close();
});
