// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { Field } from "./Field.tsx";
import { HexView } from "./HexView.tsx";
import { Segmented } from "./Segmented.tsx";
import { Value } from "./Value.tsx";
import { VirtualTable } from "./VirtualTable.tsx";
import type { VirtualTableProps } from "./VirtualTable.tsx";

beforeAll(() => {
  // happy-dom lays nothing out: give the table the size a screen would.
  for (const [name, size] of [
    ["offsetHeight", 300],
    ["offsetWidth", 800],
    ["clientHeight", 300],
  ] as const) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value: size });
  }
});
afterEach(cleanup);

const columns = [
  { id: "n", header: "Number", min: 40, grow: "1fr" },
  { id: "square", header: "Square", min: 40, grow: "1fr", align: "right" as const },
];

function Table(props: Partial<VirtualTableProps> & { rowCount: number }) {
  const [selected, setSelected] = useState(-1);
  return (
    <VirtualTable
      label="Rows"
      columns={columns}
      rowKey={(index) => index}
      cells={(index) => [`row ${index}`, String(index * index)]}
      selected={selected}
      onSelect={setSelected}
      {...props}
    />
  );
}

describe("VirtualTable", () => {
  test("holds the rows in sight only, and says how many there are", () => {
    render(<Table rowCount={10_000} />);
    const grid = screen.getByRole("grid", { name: "Rows" });
    expect(grid.getAttribute("aria-rowcount")).toBe("10001");
    expect(within(grid).getAllByRole("row").length).toBeLessThan(40);
    expect(within(grid).getByRole("columnheader", { name: "Square" })).toBeDefined();
  });

  test("is walked by keyboard, and Enter opens", () => {
    const onOpen = vi.fn<(index: number) => void>();
    render(<Table rowCount={5} onOpen={onOpen} />);
    const grid = screen.getByRole("grid", { name: "Rows" });
    fireEvent.keyDown(grid, { key: "Home" });
    fireEvent.keyDown(grid, { key: "ArrowDown" });
    expect(screen.getByRole("row", { selected: true }).textContent).toBe("row 11");
    expect(grid.getAttribute("aria-activedescendant")).toBe(screen.getByRole("row", { selected: true }).id);
    fireEvent.keyDown(grid, { key: "Enter" });
    expect(onOpen).toHaveBeenCalledWith(1);
    fireEvent.keyDown(grid, { key: "End" });
    expect(screen.getByRole("row", { selected: true }).textContent).toBe("row 416");
  });

  test("a click chooses the row it is on", () => {
    render(<Table rowCount={5} />);
    fireEvent.click(screen.getByText("row 3"));
    expect(screen.getByRole("row", { selected: true }).textContent).toBe("row 39");
  });

  test("says why it is empty", () => {
    render(<Table rowCount={0} empty={<p>No row matches</p>} />);
    expect(screen.getByText("No row matches")).toBeDefined();
  });
});

test("a field is named by its label and described by its error", () => {
  render(<Field label="E-mail" hint="hint" error="This is not an e-mail address." />);
  const input = screen.getByRole("textbox", { name: "E-mail" });
  expect(input.getAttribute("aria-invalid")).toBe("true");
  expect(document.getElementById(input.getAttribute("aria-describedby") ?? "")?.textContent).toBe("This is not an e-mail address.");
});

test("a busy button cannot be pressed twice", () => {
  const onClick = vi.fn<() => void>();
  render(
    <Button busy onClick={onClick}>
      Save
    </Button>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onClick).not.toHaveBeenCalled();
});

test("choices move by arrow", () => {
  const onChange = vi.fn<(value: string) => void>();
  render(
    <Segmented
      label="Unit"
      options={[
        { value: "a", label: "A" },
        { value: "b", label: "B" },
      ]}
      value="a"
      onChange={onChange}
    />,
  );
  fireEvent.keyDown(screen.getByRole("radiogroup", { name: "Unit" }), { key: "ArrowRight" });
  expect(onChange).toHaveBeenCalledWith("b");
});

test("unknown is said in words, zero is zero", () => {
  render(
    <>
      <Value text="–" unit="bit/s" />
      <Value text="0" />
    </>,
  );
  expect(screen.getByText("unknown")).toBeDefined();
  expect(screen.getByText("0")).toBeDefined();
});

test("a dialog is named by its title and closes by its cross", async () => {
  const onOpenChange = vi.fn<(open: boolean) => void>();
  render(
    <Dialog title="Add a host" open onOpenChange={onOpenChange}>
      body
    </Dialog>,
  );
  const dialog = await screen.findByRole("dialog", { name: "Add a host" });
  fireEvent.click(within(dialog).getByRole("button", { name: "Close" }));
  expect(onOpenChange).toHaveBeenCalledWith(false);
});

test("bytes are shown in hex and ASCII, and marked bytes stand out", () => {
  render(<HexView bytes={new DataView(Uint8Array.from([0x41, 0x00, 0x1b, 0x42]).buffer)} marked={[1, 3]} />);
  const view = screen.getByRole("group", { name: "Bytes" });
  expect(view.textContent).toBe("000041 00 1b 42A..B");
});
