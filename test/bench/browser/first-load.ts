import { type Report, quantile } from "../report.ts";
import { type BrowserWorld, HOST } from "./world.ts";

const LOADS = 5;

/** The signed-in fleet page in a browser that has seen nothing of it: bytes of script on the wire, and when its hosts stand there. */
export async function measureFirstLoad(world: BrowserWorld, report: Report): Promise<void> {
  const loads: { bytes: number; ms: number }[] = [];
  for (let i = 0; i < LOADS; i++) {
    const context = await world.signedIn();
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    const scripts = new Set<string>();
    let bytes = 0;
    cdp.on("Network.responseReceived", ({ requestId, type }) => type === "Script" && scripts.add(requestId));
    cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) bytes += encodedDataLength;
    });
    await cdp.send("Network.enable");
    await page.goto("/", { waitUntil: "commit" });
    const shown = await page.waitForFunction(
      (name) => {
        const there = [...document.querySelectorAll("[role=row]")].some((row) => row.textContent.includes(name));
        return there ? performance.now() : false;
      },
      HOST,
      { polling: "raf" },
    );
    const ms = Number(await shown.jsonValue());
    await page.waitForLoadState("networkidle"); // scripts that are fetched ahead count too
    loads.push({ bytes, ms });
    await context.close();
  }
  report({
    name: "first load of the fleet page: script on the wire",
    value: quantile(
      loads.map((load) => load.bytes / 1000),
      0.5,
    ),
    unit: "kB",
    peer: "most it may be",
    peerValue: 250,
    bar: { atMost: 1 },
  });
  report({
    name: `first load of the fleet page: until its hosts are shown, median of ${LOADS}`,
    value: quantile(
      loads.map((load) => load.ms),
      0.5,
    ),
    unit: "ms",
    peer: "most it may be",
    peerValue: 1000,
    bar: { atMost: 1 },
  });
}
