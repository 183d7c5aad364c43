import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { CaptureDetail, CaptureHost, Host } from "@sonde/protocol/rest";

export const ids = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"] as const;
export const captureId = "33333333-3333-4333-8333-333333333333";

export function captureHost(hostId: string, name: string, more: Partial<CaptureHost> = {}): CaptureHost {
  return {
    ...{ hostId, name, state: "pending", reason: null, startedAt: null, endedAt: null, packets: "0", bytes: "0", matched: "0" },
    ...{ sampledOut: "0", lost: "0", snaplen: 128, sampleN: 1, clockOffsetNs: null, clockErrorNs: null },
    ...more,
  };
}

export const captureDetail = (hosts: readonly CaptureHost[], more: Partial<CaptureDetail> = {}): CaptureDetail => ({
  ...{
    id: captureId,
    name: "test",
    expression: "tcp",
    snaplen: 128,
    reason: null,
    seconds: 60,
    maxPackets: "100000",
    maxBytes: "100000000",
  },
  ...{ createdBy: "cli", createdAt: "2026-01-01T00:00:00.000Z", endedAt: null, endReason: null },
  packets: String(hosts.reduce((sum, { packets }) => sum + BigInt(packets), 0n)),
  bytes: String(hosts.reduce((sum, { bytes }) => sum + BigInt(bytes), 0n)),
  lost: String(hosts.reduce((sum, { lost }) => sum + BigInt(lost), 0n)),
  states: {},
  hosts: [...hosts],
  ...more,
});

const listed = (id: string, name: string): Host => ({
  ...{ id, name, status: "live", labels: [], os: "Debian 12", kernel: "6.18.0", agentVersion: "0.1.0" },
  ...{ enrolledAt: "2026-01-01T00:00:00.000Z", lastSeen: null, refusal: null, clockOffsetNs: null, interfaceCount: 1 },
});

/** A hub that only knows captures, and answers as it is told. */
export type FakeHub = {
  readonly url: string;
  /** What GET /captures/{id} says. */
  capture: CaptureDetail;
  /** Bodies of POST /captures. */
  readonly asked: unknown[];
  /** Whatever else was asked, like "POST /captures/ID/stop". */
  readonly calls: string[];
  /** Answers POST /captures/{id}/stop. */
  onStop: () => void;
  /** Writes the file. */
  file: (response: ServerResponse) => void;
  /** Refuses POST /captures. */
  problem: object | null;
  close(): Promise<void>;
};

export async function startFakeHub(): Promise<FakeHub> {
  const server = createServer((request, response) => void answer(request, response));
  const json = (response: ServerResponse, status: number, body: unknown): void =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const hub: FakeHub = {
    url: "",
    capture: captureDetail([]),
    asked: [],
    calls: [],
    onStop: () => undefined,
    file: (response) => void response.end(),
    problem: null,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "").replace("/api/v1", "");
    const call = `${request.method} ${path}`;
    if (call.startsWith("GET /hosts")) {
      const hosts = [listed(ids[0], "web-1"), listed(ids[1], "web-2"), listed(captureId, "twin"), listed(ids[1].replace("2", "4"), "twin")];
      return json(response, 200, { items: hosts, nextCursor: null });
    }
    if (call === "POST /captures") {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      hub.asked.push(JSON.parse(text));
      if (hub.problem !== null) return json(response, 400, hub.problem);
      return json(response, 201, hub.capture);
    }
    if (call === `GET /captures/${captureId}`) return json(response, 200, hub.capture);
    hub.calls.push(call);
    if (call.startsWith(`GET /captures/${captureId}/file`)) return hub.file(response);
    if (call === `POST /captures/${captureId}/stop`) {
      hub.onStop();
      return json(response, 200, hub.capture);
    }
    if (request.method === "DELETE") return void response.writeHead(204).end();
    if (call.startsWith("GET /captures?")) return json(response, 200, { items: [hub.capture], nextCursor: null });
    json(response, 404, { type: "about:blank", title: "Not found", status: 404, code: "NOT_FOUND", detail: path });
  };
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return Object.assign(hub, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
