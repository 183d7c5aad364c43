import { closeSync, openSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { interfaceBlock, packetBlock, sectionHeader } from "@sonde/pcapfile";
import type { Page } from "playwright-core";
import { seeded } from "../../support/random.ts";
import type { Report } from "../report.ts";
import type { BrowserWorld } from "./world.ts";
import { conversation } from "./conversation.ts";

const PACKETS = 1_000_000;
const FLUSH_BYTES = 4 * 1024 * 1024;
const LINKTYPE_ETHERNET = 1;
const FILTERS = ["tcp.dstport == 443 && ip.dst == 10.1.0.0/20", "dns", "udp || tcp.flags.syn == 1"];
const POLL_MS = 10;

/** A capture file of a million packets opened by the page's file button, and what it takes until filters show their packets. */
export async function measureCaptureFile(world: BrowserWorld, report: Report, file: string): Promise<void> {
  const page = await (await world.signedIn()).newPage();
  await page.goto("/packets");
  const begun = performance.now();
  await page.getByLabel("Open a capture file").setInputFiles(file);
  await until(async () => (await ledger(page, "Packets")) === String(PACKETS) && (await rows(page)) > 0);
  report({
    name: `a pcapng file of ${PACKETS} packets, from the choice of the file until all are listed`,
    value: (performance.now() - begun) / 1000,
    unit: "s",
    peer: "most it may be",
    peerValue: 5,
    bar: { atMost: 1 },
  });
  const filter = page.getByRole("combobox", { name: "Display filter" });
  for (const text of FILTERS) {
    const before = await ledger(page, "Shown");
    const asked = performance.now();
    await filter.fill(text);
    await until(async () => {
      const shown = await ledger(page, "Shown");
      return /^\d+$/.test(shown) && shown !== before && shown !== "0";
    });
    report({
      name: `the display filter ${text} over them, from its last letter to the count`,
      value: (performance.now() - asked) / 1000,
      unit: "s",
      peer: "most it may be",
      peerValue: 1,
      bar: { atMost: 1 },
    });
  }
  await page.context().close();
}

/** Packets of TCP with TLS, of DNS and of other UDP between many hosts, a tenth of a millisecond apart. Takes some seconds of this thread. */
export function writeCapture(path: string): void {
  const fd = openSync(path, "w");
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  const put = (block: Uint8Array): void => {
    waiting.push(block);
    bytes += block.byteLength;
    if (bytes < FLUSH_BYTES) return;
    writeSync(fd, Buffer.concat(waiting));
    [waiting, bytes] = [[], 0];
  };
  put(sectionHeader({ application: "bench" }));
  put(interfaceBlock({ linkType: LINKTYPE_ETHERNET, snaplen: 262_144, name: "eth0" }));
  const next = conversation(seeded(1));
  for (let i = 0; i < PACKETS; i++) {
    const frame = next();
    put(packetBlock({ interfaceId: 0, tsNs: 1_700_000_000_000_000_000n + BigInt(i) * 100_000n, wireLen: frame.byteLength, bytes: frame }));
  }
  writeSync(fd, Buffer.concat(waiting));
  closeSync(fd);
}

async function until(check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error("the page did not show what it was asked for within two minutes");
    await pause(POLL_MS);
  }
}

const rows = (page: Page): Promise<number> => page.getByRole("grid", { name: "Packets" }).locator("[data-index]").count();

/** What the ledger says behind a word; thin spaces left out. */
async function ledger(page: Page, word: string): Promise<string> {
  const items = await page.getByLabel("Ledger").locator("> div").allInnerTexts();
  const item = items.find((text) => text.startsWith(word)) ?? "";
  return item.slice(word.length).replaceAll(/\s/g, "");
}
