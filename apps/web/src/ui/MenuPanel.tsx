"use client";
import { Menu } from "@base-ui/react/menu";
import type { ReactNode } from "react";

/** The panel of a menu under its trigger; MenuItems inside. */
export function MenuPanel({ children }: { children: ReactNode }) {
  return (
    <Menu.Portal>
      <Menu.Positioner sideOffset={4} align="end" className="z-40">
        <Menu.Popup className="max-h-[60dvh] min-w-48 overflow-auto rounded border border-edge bg-ground py-1 text-sm shadow-[0_8px_24px_rgb(0_0_0/0.25)]">
          {children}
        </Menu.Popup>
      </Menu.Positioner>
    </Menu.Portal>
  );
}

export function MenuItem({ children, onClick }: { children: ReactNode; onClick: () => void }) {
  return (
    <Menu.Item onClick={onClick} className="flex h-7 cursor-default items-center px-3 whitespace-nowrap data-highlighted:bg-selected">
      {children}
    </Menu.Item>
  );
}
