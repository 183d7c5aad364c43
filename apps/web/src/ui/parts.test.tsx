// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { Field } from "./Field.tsx";
import { HexView } from "./HexView.tsx";
import { MenuValue } from "./MenuValue.tsx";
import { Segmented } from "./Segmented.tsx";
import { SplitPane } from "./SplitPane.tsx";
import { Tree, type TreeRow } from "./Tree.tsx";
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

  test("a click opens where it is to, and one on a link of the row is the link's alone", () => {
    const onOpen = vi.fn<(index: number) => void>();
    const link = <a href="#there">there</a>;
    render(<Table rowCount={3} clicks="open" onOpen={onOpen} cells={(index) => [`row ${index}`, link]} onMenu={() => {}} />);
    fireEvent.click(screen.getByText("row 1"));
    fireEvent.click(screen.getByText("row 1"));
    fireEvent.click(screen.getAllByText("there")[2] ?? document.body);
    expect(onOpen.mock.calls).toEqual([[1], [1]]);
  });

  test("its menu is told the cell and the part of it; a click asks for it on the chosen row alone", () => {
    const asked: (string | null)[][] = [];
    const part = <b data-part="env=prod">label</b>;
    const onMenu: VirtualTableProps["onMenu"] = ({ index, column, part: of }) => asked.push([String(index), column, of]);
    render(<Table rowCount={2} cells={(index) => [`row ${index}`, part]} onMenu={onMenu} />);
    expect(fireEvent.contextMenu(screen.getAllByText("label")[1] ?? document.body)).toBe(false);
    fireEvent.click(screen.getByText("row 0"));
    fireEvent.click(screen.getByText("row 0"));
    fireEvent.keyDown(screen.getByRole("grid"), { key: "ContextMenu" });
    expect(asked).toEqual([
      ["1", "square", "env=prod"],
      ["0", "n", null],
      ["0", null, null],
    ]);
  });

  test("a pointer is over its rows only while it has some", () => {
    const onPointer = vi.fn<(over: boolean) => void>();
    const { rerender } = render(<Table rowCount={0} onPointer={onPointer} />);
    fireEvent.pointerEnter(screen.getByRole("grid"), { pointerType: "mouse" });
    expect(onPointer).not.toHaveBeenCalled();
    rerender(<Table rowCount={2} onPointer={onPointer} />);
    rerender(<Table rowCount={0} onPointer={onPointer} />);
    expect(onPointer.mock.calls.flat()).toEqual([true, false]);
  });

  test("says why it is empty", () => {
    render(<Table rowCount={0} empty={<p>No row matches</p>} />);
    expect(screen.getByText("No row matches")).toBeDefined();
  });
});

test("a value asks for its menu by either button, Enter and the menu key", () => {
  const onMenu = vi.fn<() => void>();
  render(<MenuValue onMenu={() => onMenu()}>192.0.2.1</MenuValue>);
  const value = screen.getByRole("button", { name: "192.0.2.1" });
  fireEvent.click(value);
  fireEvent.contextMenu(value);
  for (const key of ["Enter", "ContextMenu", "x"]) fireEvent.keyDown(value, { key });
  expect(onMenu).toHaveBeenCalledTimes(4);
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

describe("HexView", () => {
  const bytes = new DataView(Uint8Array.from({ length: 40 }, (_, i) => i).buffer);

  test("bytes are walked by arrow keys from what is marked", () => {
    const picked: number[] = [];
    const { rerender } = render(<HexView bytes={bytes} marked={[14, 16]} onPick={(at) => picked.push(at)} />);
    const view = screen.getByRole("group", { name: "Bytes" });
    fireEvent.keyDown(view, { key: "ArrowRight" });
    rerender(<HexView bytes={bytes} marked={[15, 16]} onPick={(at) => picked.push(at)} />);
    fireEvent.keyDown(view, { key: "ArrowDown" });
    expect(picked).toEqual([15, 31]);
  });
});

describe("Tree", () => {
  const rows: readonly TreeRow[] = [
    { id: "0", level: 1, label: "IPv4", value: "10.0.0.1", expanded: true, heading: true },
    { id: "0.0", level: 2, label: "TTL", value: "64", expanded: null, heading: false },
    { id: "1", level: 1, label: "TCP", value: "", expanded: false, heading: true, problem: "malformed" },
  ];
  const acts = { onSelect: vi.fn<(id: string) => void>(), onToggle: vi.fn<(id: string) => void>(), onMenu: vi.fn<() => void>() };
  const tree = (selected: string) => (
    <Tree label="Layers" rows={rows} selected={selected} onHover={() => {}} {...acts} onMenu={() => acts.onMenu()} />
  );

  test("is walked and unfolded as any tree; Enter asks what can be done", () => {
    const { rerender } = render(tree("0.0"));
    const box = screen.getByRole("tree", { name: "Layers" });
    const press = (key: string) => fireEvent.keyDown(box, { key });
    press("ArrowDown");
    press("ArrowLeft");
    press("Enter");
    expect(acts.onSelect.mock.calls.flat()).toEqual(["1", "0"]);
    expect(acts.onMenu).toHaveBeenCalledTimes(1);
    rerender(tree("1"));
    press("ArrowRight");
    rerender(tree("0"));
    press("ArrowLeft");
    expect(acts.onToggle.mock.calls.flat()).toEqual(["1", "0"]);
    expect(screen.getByRole("treeitem", { selected: true }).textContent).toContain("IPv4");
    expect(screen.getByText("malformed")).toBeDefined();
  });
});

describe("SplitPane", () => {
  test("the line between is moved by keys, within bounds", () => {
    const onShare = vi.fn<(share: number) => void>();
    render(<SplitPane label="Height" direction="rows" share={88} onShare={onShare} first="a" second="b" />);
    const line = screen.getByRole("separator", { name: "Height" });
    expect(line.getAttribute("aria-valuenow")).toBe("88");
    for (const key of ["ArrowDown", "ArrowUp", "Home", "x"]) fireEvent.keyDown(line, { key });
    expect(onShare.mock.calls.flat()).toEqual([90, 83, 10]);
  });
});
