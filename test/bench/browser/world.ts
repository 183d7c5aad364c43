import type { BrowserContext } from "playwright-core";
import { startBrowser } from "../../support/browser.ts";
import { type HubAlone, type PlayedAgent, startHubAlone } from "../../support/hub-alone.ts";
import { simInterface } from "../../support/sim-agent.ts";
import { IFINDEX } from "./records.ts";

/** Name of the host whose packets are sent. */
export const HOST = "busy-1";
const VIEWPORT = { width: 1440, height: 900 };

export type BrowserWorld = {
  readonly hub: HubAlone;
  readonly agent: PlayedAgent;
  /** A signed-in browser context with nothing in its cache. */
  readonly signedIn: () => Promise<BrowserContext>;
  /** A context of a browser process of its own, with nothing to do with the hub. */
  readonly elsewhere: () => Promise<BrowserContext>;
  readonly close: () => Promise<void>;
};

/** The hub as built with a handful of hosts, one of which can be made to send, and headless Chromium. */
export async function createBrowserWorld(hosts: number): Promise<BrowserWorld> {
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const hub = await startHubAlone();
    undo.push(hub.close);
    const interfaces = [{ ...simInterface, ifindex: IFINDEX }];
    const agent = await hub.play({ name: HOST, interfaces });
    for (let i = 1; i < hosts; i++) await hub.play({ name: `idle-${i}`, interfaces, labels: { env: i % 2 === 0 ? "prod" : "test" } });
    const { browser, close: closeBrowser } = await startBrowser();
    undo.push(closeBrowser);
    const first = await browser.newContext({ baseURL: hub.url });
    const token = new URL(await hub.admin("admin-link")).hash.slice(1);
    const answer = await first.request.post("/api/auth/admin-link/consume", { data: { token }, headers: { origin: hub.url } });
    if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
    const storageState = await first.storageState();
    return {
      hub,
      agent,
      signedIn: () => browser.newContext({ baseURL: hub.url, viewport: VIEWPORT, storageState }),
      elsewhere: async () => {
        const other = await startBrowser();
        undo.push(other.close);
        return other.browser.newContext({ viewport: VIEWPORT });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
