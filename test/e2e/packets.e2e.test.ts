import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CaptureReader, packetOptions } from "@sonde/pcapfile";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { type HubAlone, startHubAlone } from "../support/hub-alone.ts";
import { gated, needs } from "../support/needs.ts";
import { signIn } from "../support/sign-in.ts";
import { DESK, survey } from "../support/survey.ts";
import { captureFile, talk } from "../support/talk.ts";

/*
 * The Packets screen with a capture file of this machine, as a person goes through it: by role and name. With
 * SONDE_SCREENSHOTS=DIR each view is written there as a picture, in both themes and three sizes.
 */

const patience = { timeout: 15_000, interval: 100 };
const DATAGRAMS = 400;
const { frames, retransmitted } = talk(DATAGRAMS);

let hub: HubAlone;
let page: Page;
let file: string;
const errors: string[] = [];
const undo: (() => Promise<void>)[] = [];
const gate = gated(needs.chromium);

describe.skipIf(gate.skip)(gate.name("packets"), () => {
  beforeAll(async () => {
    hub = await startHubAlone();
    undo.push(hub.close);
    const { browser, close } = await startBrowser();
    undo.push(close);
    const context = await browser.newContext({
      baseURL: hub.url,
      viewport: DESK,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && errors.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`));
    await signIn(page, hub);
    file = join(hub.folder, "talk.pcapng");
    writeFileSync(file, captureFile(frames));
  });
  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  test("a capture file of this machine is opened, and what it says of itself is told", async () => {
    await page.getByRole("link", { name: "Packets" }).click();
    await page.getByText("Nothing is open").waitFor();
    await survey(page, "packets-nothing");
    await page.getByLabel("Open a capture file").setInputFiles(file);
    await expect.poll(() => rowTexts(), patience).toContainEqual(expect.stringContaining("Standard query"));
    expect(await ledger("Packets")).toBe(String(frames.length));
    expect(await ledger("Dropped")).toBe("2");
    expect(new URL(page.url()).searchParams.get("file")).toBe("talk.pcapng");
    await survey(page, "packets-list");
  });

  test("the display filter offers what may stand there, says what is wrong, and takes what is right", async () => {
    const filter = page.getByRole("combobox", { name: "Display filter" });
    await page.keyboard.press("/");
    await page.keyboard.type("dns.qry.na");
    await page
      .getByRole("option", { name: /^dns\.qry\.name/ })
      .first()
      .waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type("==");
    await page.getByLabel("Place of the fault").waitFor();
    expect(await shown()).toBe(frames.length);
    await survey(page, "packets-fault");
    await page.keyboard.type(' "www.example.net"');
    await expect.poll(shown, patience).toBe(2);
    expect(new URL(page.url()).searchParams.get("filter")).toBe('dns.qry.name == "www.example.net"');
    await filter.fill("tcp.analysis.retransmission");
    await expect.poll(shown, patience).toBe(1);
    await expect.poll(() => rowTexts(), patience).toEqual([expect.stringMatching(new RegExp(`^${retransmitted}\\D`))]);
    await filter.fill("frame.number > 100000");
    await page.getByText("No packet matches").waitFor();
    await unfiltered();
  });

  test("packets are walked by keys, and the three panes mark each other", async () => {
    await grid().focus();
    await page.keyboard.press("Home");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowDown");
    const packet = page.getByRole("complementary", { name: "Packet" });
    await expect.poll(() => packet.getByRole("heading").innerText(), patience).toMatch(/^6 · HTTP/);
    await page.keyboard.press("Enter");
    const tree = page.getByRole("tree", { name: "Layers" });
    await expect.poll(() => tree.evaluate((element) => element === document.activeElement), patience).toBe(true);
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => chosenNode(), patience).toContain("IPv4");
    expect(await markedBytes()).toMatch(/^45 00/);
    // A byte of the request leads to its field.
    const line = page.getByRole("group", { name: "Bytes" }).locator("[data-text]").nth(3);
    await line.click({ position: { x: 60, y: 8 } });
    await expect.poll(() => markedBytes(), patience).not.toMatch(/^45 00/);
    expect(await page.getByRole("treeitem", { selected: true }).count()).toBe(1);
    await survey(page, "packets-detail");
    await expect.poll(() => new URL(page.url()).searchParams.get("packet"), patience).toBe("6");
  });

  test("any value can be included, excluded, captured and copied", async () => {
    await page.getByRole("treeitem", { name: /Time to live/i }).click({ button: "right" });
    const menu = page.getByRole("menu");
    await menu.getByRole("menuitem", { name: /^Include/ }).waitFor();
    await survey(page, "packets-menu");
    await menu.getByRole("menuitem", { name: "Display filter" }).click();
    await expect.poll(() => clipboard(), patience).toBe("ip.ttl == 64");
    const cell = grid().getByRole("row", { selected: true }).getByRole("gridcell", { name: "198.51.100.2" });
    await cell.click();
    await menu.getByRole("menuitem", { name: "Capture this" }).waitFor();
    await menu.getByRole("menuitem", { name: /^Include either way/ }).click();
    await expect.poll(() => page.getByRole("combobox", { name: "Display filter" }).inputValue(), patience).toBe("ip.addr == 198.51.100.2");
    await expect.poll(shown, patience).toBe(frames.length - 2);
    await page.getByRole("button", { name: "Copy as" }).click();
    await menu.getByRole("menuitem", { name: "curl" }).click();
    await expect.poll(() => clipboard(), patience).toContain("'http://www.example.net/index.html?a=1'");
    await unfiltered();
  });

  test("what two ends said is followed, each byte once", async () => {
    await page.getByRole("button", { name: "Follow stream" }).click();
    const stream = page.getByRole("region", { name: "Stream" });
    await stream.getByText("GET /index.html?a=1 HTTP/1.1").waitFor();
    const text = await stream.getByRole("group", { name: "What was said" }).innerText();
    expect(text.match(/and its other half/g)).toHaveLength(1);
    await stream.getByRole("radio", { name: "Hex" }).click();
    await stream.getByText("47 45 54 20").first().waitFor();
    await stream.getByRole("radio", { name: "Text" }).click();
    await survey(page, "packets-stream");
    await stream.getByRole("button", { name: "Show its packets" }).click();
    await expect.poll(shown, patience).toBe(13);
    await unfiltered();
  });

  test("conversations and endpoints of the view", async () => {
    await page.getByRole("radio", { name: "Conversations" }).click();
    const conversations = page.getByRole("grid", { name: "Conversations" });
    await conversations.getByRole("row", { name: /192\.0\.2\.1.*198\.51\.100\.2/ }).waitFor();
    await page.getByRole("radiogroup", { name: "Layer" }).getByRole("radio", { name: "TCP" }).click();
    await page.getByText("2 conversations in the view").waitFor();
    await survey(page, "packets-conversations");
    await conversations.focus();
    await page.keyboard.press("Home");
    await page.getByRole("button", { name: "Show its packets" }).click();
    await expect.poll(shown, patience).toBeLessThan(20);
    await unfiltered();
    await page.getByRole("radio", { name: "Endpoints" }).click();
    await page
      .getByRole("grid", { name: "Endpoints" })
      .getByRole("row", { name: /203\.0\.113\.53/ })
      .waitFor();
    await page.getByRole("radio", { name: "Packets" }).click();
  });

  test("a stretch that is drawn on the graph holds the list to it", async () => {
    await page.getByRole("button", { name: "Graph" }).click();
    const graph = page.getByRole("region", { name: "Graph" });
    const chart = graph.locator(".u-over");
    await chart.waitFor();
    await graph.getByLabel("Display filter of one more line").fill("tcp");
    await graph.getByRole("button", { name: "Add line" }).click();
    await graph.getByRole("button", { name: "tcp", exact: false }).waitFor();
    await survey(page, "packets-graph");
    const box = await chart.boundingBox();
    if (box === null) throw new Error("the chart is not drawn");
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 40, { steps: 5 });
    await page.mouse.up();
    await expect.poll(shown, patience).toBeLessThan(frames.length * 0.4);
    expect(await shown()).toBeGreaterThan(frames.length * 0.1);
    expect(new URL(page.url()).searchParams.get("filter")).toMatch(/^frame\.time_relative >= [\d.]+ && frame\.time_relative <= [\d.]+$/);
    await graph.getByRole("button", { name: "Whole time" }).click();
    await expect.poll(shown, patience).toBe(frames.length);
    await page.getByRole("button", { name: "Graph" }).click();
  });

  test("packets are found, gone to, marked and commented, and saved with all that", async () => {
    await page.keyboard.press("Control+f");
    await page.getByRole("textbox", { name: "Find" }).fill("datagram 321");
    await page.keyboard.press("Enter");
    await expect.poll(() => heading(), patience).toContain("UDP");
    await survey(page, "packets-find");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+g");
    await page.getByRole("dialog", { name: "Go to packet" }).getByLabel("Number").fill("8");
    await page.keyboard.press("Enter");
    await expect.poll(() => heading(), patience).toMatch(/^8 ·/);
    await grid().focus();
    await page.keyboard.press("m");
    await page.getByRole("button", { name: "Unmark" }).waitFor();
    await page.getByRole("button", { name: "Comment" }).click();
    await page.getByRole("dialog").getByLabel("Comment").fill("the answer");
    await page.getByRole("button", { name: "Save comment" }).click();
    await page.getByText("the answer").first().waitFor();
    await grid().focus();
    await page.keyboard.press("End");
    await page.keyboard.press("[");
    await expect.poll(() => heading(), patience).toMatch(/^8 ·/);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("menuitem", { name: "Marked packets" }).click();
    const saved = await (await download).path();
    expect(packetsOf(readFileSync(saved))).toEqual([{ bytes: frames[7]?.toString("hex"), comments: ["the answer"] }]);
  });

  test("colouring rules and columns are chosen, and remembered", async () => {
    await page.getByRole("button", { name: "Colours" }).click();
    const dialog = page.getByRole("dialog", { name: "Colouring rules" });
    await dialog.getByRole("button", { name: "Add a rule" }).click();
    await dialog.getByLabel("Display filter").first().fill("udp.dstport == 9999");
    await survey(page, "packets-colours");
    await dialog.getByRole("button", { name: "Apply" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Interface" }).click();
    await page.keyboard.press("Escape");
    await grid().getByRole("columnheader", { name: "Interface" }).waitFor();
    await page.reload();
    await page.getByText("Choose talk.pcapng again").waitFor();
    await page.getByLabel("Open a capture file").setInputFiles(file);
    await grid().getByRole("columnheader", { name: "Interface" }).waitFor();
    await expect.poll(() => heading(), patience).toMatch(/^8 ·/);
  });

  test("what is no capture file is refused in words", async () => {
    const other = join(hub.folder, "notes.pcap");
    writeFileSync(other, "not packets at all");
    await page.getByLabel("Open a capture file").setInputFiles(other);
    await page.getByText("notes.pcap could not be read").waitFor();
    await survey(page, "packets-refused");
  });

  test("nothing was written to the console as an error", () => {
    expect(errors).toEqual([]);
  });
});

const grid = () => page.getByRole("grid", { name: "Packets" });
const rowTexts = () => grid().locator("[data-index]").allInnerTexts();
const heading = () => page.getByRole("complementary", { name: "Packet" }).getByRole("heading").innerText();
const chosenNode = () => page.getByRole("treeitem", { selected: true }).innerText();
const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
const shown = async (): Promise<number> => Number(await ledger("Shown"));
/** Clears the filter as its line says: Escape closes what is offered, once more clears. */
async function unfiltered(): Promise<void> {
  const filter = page.getByRole("combobox", { name: "Display filter" });
  await filter.focus();
  await filter.press("Escape");
  await filter.press("Escape");
  await expect.poll(shown, patience).toBe(frames.length);
}
/** What the ledger says behind a word; thin spaces left out. */
async function ledger(word: string): Promise<string> {
  const items = await page.getByLabel("Ledger").locator("> div").allInnerTexts();
  const item = items.find((text) => text.startsWith(word)) ?? "";
  return item.slice(word.length).replaceAll(/\s/g, "");
}

/** The bytes that stand out in hex. */
async function markedBytes(): Promise<string> {
  const runs = await page.getByRole("group", { name: "Bytes" }).locator("[data-hex] .outline-accent").allInnerTexts();
  return runs.join(" ").replaceAll(/\s+/g, " ").trim();
}

function packetsOf(bytes: Uint8Array): { bytes: string; comments: readonly string[] }[] {
  const found: { bytes: string; comments: readonly string[] }[] = [];
  const reader = new CaptureReader({
    interface: () => undefined,
    packet: (packet) => {
      const { offset, capLen } = packet;
      found.push({
        bytes: Buffer.from(packet.bytes.subarray(offset, offset + capLen)).toString("hex"),
        comments: packetOptions(packet).comments,
      });
    },
  });
  reader.push(bytes);
  reader.end();
  return found;
}
