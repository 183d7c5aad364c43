import { type Server, createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gated, needs } from "../../../../test/support/needs.ts";
import { X509Certificate } from "node:crypto";
import { type Certificate, makeCertificate } from "../../test/hub.ts";
import { createDialAgent } from "./dialer.ts";
import { isPin, pinOf } from "./pin.ts";
import { postJson } from "./post-json.ts";

const token = "sonde_enrol_a-secret-token";
let certificate: Certificate;
let server: Server;
let url: URL;
let pin: string;
let decrypted = "";

const gate = gated(needs.openssl);

describe.skipIf(gate.skip)(gate.name("dialer"), () => {
  beforeAll(async () => {
    certificate = makeCertificate();
    pin = pinOf(new X509Certificate(certificate.cert).raw);
    server = createServer(certificate, (request, response) => {
      request.resume().on("end", () => response.end('{"hello":1}'));
    });
    server.on("secureConnection", (socket) => socket.on("data", (bytes: Buffer) => (decrypted += bytes.toString("latin1"))));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => server.close());

  it("writes pins as curl does", () => {
    expect(isPin(pin)).toBe(true);
    expect(isPin("sha256//short=")).toBe(false);
  });

  it("talks to the hub that holds the pinned key, though no authority knows it", async () => {
    const answer = await postJson(url, { token }, createDialAgent({ url, pin }));
    expect(answer).toEqual({ status: 200, body: { hello: 1 } });
  });

  it("leaves another hub before a byte of the token is written", async () => {
    decrypted = "";
    const other = pinOf(new X509Certificate(makeCertificate().cert).raw);
    await expect(postJson(url, { token }, createDialAgent({ url, pin: other }))).rejects.toMatchObject({ code: "PIN_MISMATCH" });
    expect(decrypted).toBe("");
  });

  it("refuses a self-made certificate without a pin, and takes it when its authority is given", async () => {
    await expect(postJson(url, { token }, createDialAgent({ url }))).rejects.toThrow(/self.signed/);
    expect(await postJson(url, { token }, createDialAgent({ url, ca: [certificate.cert] }))).toMatchObject({ status: 200 });
  });

  it("tells the hub's addresses before it connects", async () => {
    const order: string[] = [];
    const tcp = createTcpServer((socket) => {
      order.push("connected");
      socket.destroy();
    });
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    const plain = new URL(`http://localhost:${(tcp.address() as AddressInfo).port}`);
    const agent = createDialAgent({ url: plain, onAddresses: (found) => order.push(found.includes("127.0.0.1") ? "told" : found.join()) });
    await expect(postJson(plain, {}, agent)).rejects.toThrow();
    tcp.close();
    expect(order).toEqual(["told", "connected"]);
  });
});
