import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type Server as HttpServer, createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AGENT_NAMESPACE, AGENT_PATH } from "@sonde/protocol";
import { type Namespace, Server, type Socket } from "socket.io";

export type Certificate = { readonly key: string; readonly cert: string };

/** A fresh self-signed certificate for 127.0.0.1. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "sonde-cert-"));
  try {
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
        ...[
          "-subj",
          "/CN=sonde-test",
          "-addext",
          "subjectAltName=IP:127.0.0.1",
          "-keyout",
          join(folder, "key"),
          "-out",
          join(folder, "cert"),
        ],
      ],
      { stdio: "ignore" },
    );
    return { key: readFileSync(join(folder, "key"), "utf8"), cert: readFileSync(join(folder, "cert"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export type TestHub = {
  readonly url: URL;
  readonly server: HttpServer;
  readonly agents: Namespace;
  /** Auth of each handshake, in order. */
  readonly handshakes: unknown[];
  close(): Promise<void>;
};

export type Answer = (reply: unknown) => void;
export type TestHubOptions = {
  readonly tls?: Certificate;
  /** Address to listen on; 127.0.0.1 unless given. */
  readonly address?: string;
  /** Port to listen on: that of one that was closed. A free one unless given. */
  readonly port?: number;
  /** A code refuses the handshake. */
  readonly admit?: (auth: unknown) => string | null;
  readonly onAgent?: (socket: Socket) => void;
};

/** A real Socket.IO server on a free port that speaks the agent's side of the protocol as told. */
export async function startHub(options: TestHubOptions): Promise<TestHub> {
  const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  const io = new Server(server, { path: AGENT_PATH, transports: ["websocket"], serveClient: false });
  const handshakes: unknown[] = [];
  const agents = io.of(AGENT_NAMESPACE);
  agents.use((socket, next) => {
    handshakes.push(socket.handshake.auth);
    const code = options.admit?.(socket.handshake.auth) ?? null;
    next(code === null ? undefined : Object.assign(new Error("refused"), { data: { code, detail: `refused: ${code}` } }));
  });
  agents.on("connection", (socket) => options.onAgent?.(socket));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, options.address ?? "127.0.0.1", resolve));
  const { address, port } = server.address() as AddressInfo;
  const url = new URL(`http${options.tls === undefined ? "" : "s"}://${address}:${port}`);
  return { url, server, agents, handshakes, close: () => io.close() };
}
