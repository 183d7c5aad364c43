"use client";
import { Command, Keyboard, LogOut } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { Rail, railItem } from "../../ui/Rail.tsx";
import { isTyping } from "./keyboard.ts";
import { screens, settings, type Screen } from "./screens.ts";
import { useServices } from "./services.tsx";

// Neither is needed before it is asked for.
const ShortcutSheet = dynamic(() => import("./ShortcutSheet.tsx").then((file) => file.ShortcutSheet));
const CommandPalette = dynamic(() => import("./CommandPalette.tsx").then((file) => file.CommandPalette));

type Panel = "keys" | "palette";

/** Rail at the left, one screen at the right; `?` lists the keys and Ctrl+K opens the palette, anywhere. */
export function Shell({ children }: { children: ReactNode }) {
  const { account } = useServices();
  const [panel, setPanel] = useState<Panel | null>(null);
  // What was opened once stays, so that it can close in its own time.
  const [asked, setAsked] = useState<readonly Panel[]>([]);
  const open = (next: Panel) => {
    setAsked((was) => (was.includes(next) ? was : [...was, next]));
    setPanel(next);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
      if (!palette && (event.key !== "?" || isTyping(event))) return;
      event.preventDefault();
      open(palette ? "palette" : "keys");
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  // Signed out or not, the sign-in page says what is so.
  const signOut = () => void account.signOut().finally(() => location.assign("/sign-in"));
  const close = (isOpen: boolean) => isOpen || setPanel(null);
  return (
    <div className="flex h-dvh max-sm:flex-col-reverse">
      <Rail
        top={screens.map((screen) => (
          <RailLink key={screen.href} screen={screen} />
        ))}
        bottom={
          <>
            <RailButton label="Command palette" keys="Ctrl+K" onClick={() => open("palette")}>
              <Command size={18} aria-hidden />
            </RailButton>
            <RailLink screen={settings} />
            <RailButton label="Keyboard shortcuts" keys="?" onClick={() => open("keys")}>
              <Keyboard size={18} aria-hidden />
            </RailButton>
            <RailButton label="Sign out" onClick={signOut}>
              <LogOut size={18} aria-hidden />
            </RailButton>
          </>
        }
      />
      <main className="flex min-h-0 min-w-0 flex-1 flex-col">{children}</main>
      {asked.includes("keys") ? <ShortcutSheet open={panel === "keys"} onOpenChange={close} /> : null}
      {asked.includes("palette") ? (
        <CommandPalette open={panel === "palette"} onOpenChange={close} onShortcuts={() => open("keys")} onSignOut={signOut} />
      ) : null}
    </div>
  );
}

function RailButton({ label, keys, onClick, children }: { label: string; keys?: string; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={keys === undefined ? label : `${label} (${keys})`}
      onClick={onClick}
      className={railItem(false)}
    >
      {children}
    </button>
  );
}

function RailLink({ screen: { href, name, icon: Icon, under } }: { screen: Screen }) {
  const path = usePathname();
  const here = path === href;
  return (
    <Link
      href={href}
      aria-label={name}
      title={name}
      aria-current={here ? "page" : undefined}
      className={railItem(here || (under !== undefined && path.startsWith(under)))}
    >
      <Icon size={18} aria-hidden />
    </Link>
  );
}
