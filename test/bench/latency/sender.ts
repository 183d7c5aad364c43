/*
 * Sends COUNT numbered things at uneven intervals: UDP packets to 10.77.0.2, or Socket.IO messages to
 * a page it serves. Prints a line when it is ready, starts at a line on standard input, then prints
 * [number, wall clock in ms] of each.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { Server } from "socket.io";

const [kind, count] = process.argv.slice(2);
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const send = kind === "udp" ? await udpSender() : await barePage();
await input.next();
const sent: [number: number, at: number][] = [];
let seed = 1;
for (let number = 30_000; number < 30_000 + Number(count); number++) {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31; // uneven, and the same every time
  await pause(20 + (seed % 60));
  sent.push([number, performance.timeOrigin + performance.now()]);
  send(number);
}
await pause(1_000);
console.log(JSON.stringify(sent));
await input.next();
process.exit(0);

/** A way to send one numbered thing. */
type Send = (number: number) => void;

async function udpSender(): Promise<Send> {
  const socket = createSocket("udp4");
  socket.bind(0);
  await once(socket, "listening");
  console.log("ready");
  return (number) => socket.send("x", number, "10.77.0.2");
}

async function barePage(): Promise<Send> {
  const page = `<!doctype html><title>bare</title><ol></ol><script src="/socket.io/socket.io.js"></script><script>
    let waiting = [];
    io({ transports: ["websocket"] }).on("message", (number) => {
      if (waiting.push(number) === 1) requestAnimationFrame(() => {
        for (const one of waiting) document.querySelector("ol").append(Object.assign(document.createElement("li"), { textContent: "message " + one }));
        waiting = [];
      });
    });
  </script>`;
  const server = createServer((_request, response) => response.setHeader("content-type", "text/html").end(page));
  const io = new Server(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return (number) => io.emit("message", number);
}
