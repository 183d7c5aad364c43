import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "../../scripts/lib/proc.mjs";
import type { Lab } from "./netns.ts";

/** Answers every DNS query with "no such name" (RFC 1035: QR, RD, RA and RCODE 3); takes the feed. */
const servers = `
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (query, peer) => {
    const answer = Buffer.from(query);
    answer.writeUInt16BE(0x8183, 2);
    socket.send(answer, peer.port, peer.address);
  });
  socket.bind(53, "10.77.0.2");
  require("node:net").createServer((peer) => peer.on("error", () => {}).resume()).listen(9000, "10.77.0.2");`;

/** One connection whose rate swells and ebbs, so that a chart of it has a shape. */
const feed = `
  let i = 0;
  const connect = () => {
    const socket = require("node:net").connect(9000, "10.77.0.2");
    const timer = setInterval(() => {
      i++;
      socket.write(Buffer.alloc(Math.round(2500 + 1500 * Math.sin(i / 150) + 600 * Math.sin(i / 37))));
    }, 100);
    socket.on("error", () => {}).on("close", () => (clearInterval(timer), setTimeout(connect, 200)));
  };
  connect();`;

/** A page over IPv4 and IPv6, and a name. */
const everyday = `
  i=0
  while [ $i -lt 900 ]; do
    curl -s -m 5 -o /dev/null http://10.77.0.2:8080/index.html
    curl -s -m 5 -o /dev/null 'http://[fd00:77::2]:8080/index.html'
    busybox nslookup -type=a printer.example.net 10.77.0.2
    sleep 0.4
    i=$((i + 1))
  done`;

/**
 * Everyday traffic between hosts `a` and `b` of a world: HTTP, DNS, ping and a steady feed, over IPv4 and IPv6, a few
 * dozen packets a second. The answer ends all of it.
 */
export function startTraffic(lab: Lab, folder: string): () => Promise<void> {
  for (const [ns, host] of [
    ["a", 1],
    ["b", 2],
  ] as const)
    lab.run(ns, ["ip", "address", "add", `fd00:77::${host}/64`, "dev", "mgmt0", "nodad"]);
  const site = join(folder, "site");
  mkdirSync(site);
  writeFileSync(join(site, "index.html"), `<!doctype html>${"<p>Quarterly figures</p>".repeat(40)}`);
  const start = (ns: string, name: string, command: readonly string[]) =>
    startChild({ name, command: lab.inside(ns, command), cwd: folder, env: { PATH: process.env["PATH"] } });
  const programs = [
    start("b", "web server", ["busybox", "httpd", "-f", "-p", "8080", "-h", site]),
    start("b", "name server", [process.execPath, "-e", servers]),
    start("a", "ping", ["busybox", "ping", "10.77.0.2"]),
    start("a", "ping over IPv6", ["busybox", "ping", "fd00:77::2"]),
    start("a", "clients", ["sh", "-c", everyday]),
    start("a", "feed", [process.execPath, "-e", feed]),
  ];
  return async () => {
    await Promise.all(programs.map((program) => program.stop({ graceMs: 500 })));
  };
}
