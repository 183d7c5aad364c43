"use client";
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";

export type MenuItem = {
  readonly label: string;
  /** Said behind it, in small: a key, a value. */
  readonly hint?: string;
  readonly onSelect: () => void;
  /** Ticked or not; such an item leaves the menu open. */
  readonly checked?: boolean;
  readonly disabled?: boolean;
};
export type MenuGroup = { readonly label: string; readonly items: readonly MenuItem[] };

const itemLook =
  "flex h-7 cursor-default items-center justify-between gap-6 px-3 text-sm whitespace-nowrap outline-none data-disabled:text-muted data-highlighted:bg-selected";

/** A menu behind a button. */
export function Menu(props: { trigger: ReactElement; groups: readonly MenuGroup[]; defaultOpen?: boolean }) {
  const { trigger, groups, defaultOpen = false } = props;
  return (
    <Base.Root defaultOpen={defaultOpen}>
      <Base.Trigger render={trigger} />
      <MenuPopup groups={groups} />
    </Base.Root>
  );
}

/** A menu at a place of the window, px: of the value that was clicked there. Null: none is open. */
export function MenuAt(props: {
  at: { readonly x: number; readonly y: number } | null;
  heading?: ReactNode;
  groups: readonly MenuGroup[];
  onClose: () => void;
  /** Where the focus goes when it closes. */
  back: () => HTMLElement | null;
}) {
  const { at, heading, groups, onClose, back } = props;
  const anchor = { getBoundingClientRect: () => DOMRect.fromRect({ x: at?.x ?? 0, y: at?.y ?? 0, width: 0, height: 0 }) };
  return (
    <Base.Root open={at !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      {at === null ? null : <MenuPopup groups={groups} heading={heading} anchor={anchor} back={back} />}
    </Base.Root>
  );
}

type PopupProps = {
  groups: readonly MenuGroup[];
  heading?: ReactNode;
  anchor?: { getBoundingClientRect: () => DOMRect };
  back?: () => HTMLElement | null;
};

function MenuPopup({ groups, heading, anchor, back }: PopupProps) {
  // Within the page's main part, so that it belongs to a landmark.
  const main = typeof document === "undefined" ? null : document.querySelector<HTMLElement>("main");
  return (
    <Base.Portal container={main}>
      <Base.Positioner anchor={anchor} side="bottom" align="start" sideOffset={4} className="z-50 outline-none">
        <Base.Popup
          finalFocus={back === undefined ? undefined : back}
          className="max-h-[min(560px,80dvh)] max-w-[min(480px,90vw)] min-w-44 overflow-auto rounded border border-edge bg-ground py-1 shadow-[0_8px_24px_rgb(0_0_0/0.25)] outline-none"
        >
          {heading === undefined ? null : (
            <div className="mono truncate border-b border-line px-3 pb-1 text-xs leading-6 text-muted">{heading}</div>
          )}
          {groups.map((group) => (
            <Base.Group key={group.label} className="border-b border-line py-1 last:border-b-0">
              <Base.GroupLabel className="px-3 text-xs leading-6 text-muted">{group.label}</Base.GroupLabel>
              {group.items.map((item) => (
                <Item key={`${item.label} ${item.hint ?? ""}`} item={item} />
              ))}
            </Base.Group>
          ))}
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  );
}

function Item({ item }: { item: MenuItem }) {
  const { label, hint, onSelect, checked, disabled = false } = item;
  const text = (
    <>
      <span>{label}</span>
      {hint === undefined ? null : <span className="mono max-w-56 truncate text-xs text-muted">{hint}</span>}
    </>
  );
  if (checked === undefined)
    return (
      <Base.Item className={itemLook} disabled={disabled} onClick={onSelect}>
        {text}
      </Base.Item>
    );
  return (
    <Base.CheckboxItem className={itemLook} checked={checked} disabled={disabled} onCheckedChange={onSelect} closeOnClick={false}>
      <span className="flex items-center gap-2">
        <span aria-hidden className="w-3 text-accent">
          {checked ? "✓" : ""}
        </span>
        <span>{label}</span>
      </span>
      {hint === undefined ? null : <span className="mono text-xs text-muted">{hint}</span>}
    </Base.CheckboxItem>
  );
}
