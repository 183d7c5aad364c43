// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { recordLayers } from "../../domain/recordLayers.ts";
import { recordOf } from "../../domain/testRecords.ts";
import type { ByteRange } from "../../ui/HexView.tsx";
import type { ShowMenu } from "../app/valueMenu.tsx";
import { LayerTree } from "./LayerTree.tsx";

afterEach(cleanup);

/** Ethernet, IPv4 and a cut UDP header; its tag the kernel keeps beside the frame. */
const record = recordOf({
  bytes: "020000000002" + "020000000001" + "0800" + "4500001c000040004011000001020304" + "05060708" + "1388",
  wireLen: 42,
  u16: { vlanTci: 0x6064 },
  u8: { direction: 1, hook: 1, flags: 0x05 },
});

test("a packet's layers are a tree, and what is chosen marks the bytes it was read from", () => {
  const onMark = vi.fn<(range: ByteRange | null) => void>();
  const onMenu = vi.fn<ShowMenu>();
  render(<LayerTree layers={recordLayers(record, { interfaceName: "eth0", time: "now" })} onMark={onMark} onMenu={onMenu} />);
  const row = (name: RegExp) => screen.getByRole("treeitem", { name });
  const layers = screen.getAllByRole("treeitem").filter((item) => item.getAttribute("aria-level") === "1");
  expect(layers.map(({ textContent }) => textContent)).toEqual([
    "Frame42 bytes on eth0, in",
    "VLANID 100, priority 3, kept beside the frame by the kernel",
    "Ethernet02:00:00:00:00:01 → 02:00:00:00:00:02",
    "IPv41.2.3.4 → 5.6.7.8",
    "UDPcut off by the capture",
  ]);
  fireEvent.click(row(/^Time to live/));
  expect(onMark).toHaveBeenLastCalledWith([22, 23]);
  fireEvent.click(row(/^Frame/));
  expect(onMark).toHaveBeenLastCalledWith(null);
  fireEvent.contextMenu(row(/^Time to live/));
  expect(onMenu.mock.lastCall?.[0]).toMatchObject({ term: "ip.ttl == 64", capture: "ip[8] == 64" });
  fireEvent.contextMenu(row(/^Frame/));
  expect(onMenu.mock.lastCall?.[0]).toMatchObject({ term: null, capture: null });
});
