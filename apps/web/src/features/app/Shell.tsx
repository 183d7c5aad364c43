"use client";
import { ArrowLeftRight, Filter, Keyboard, LogOut, Server, Settings } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { Rail, railItem } from "../../ui/Rail.tsx";
import { isTyping } from "./keyboard.ts";
import { useServices } from "./services.tsx";
import { ShortcutSheet } from "./ShortcutSheet.tsx";

/** Rail at the left, one screen at the right; `?` opens the list of keys anywhere. */
export function Shell({ children }: { children: ReactNode }) {
  const path = usePathname();
  const { account } = useServices();
  const [sheet, setSheet] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "?" || isTyping(event)) return;
      event.preventDefault();
      setSheet(true);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  // Signed out or not, the sign-in page says what is so.
  const signOut = () => void account.signOut().finally(() => location.assign("/sign-in"));
  return (
    <div className="flex h-dvh">
      <Rail
        top={
          <>
            <Link
              href="/"
              aria-label="Fleet"
              title="Fleet"
              aria-current={path === "/" ? "page" : undefined}
              className={railItem(path === "/" || path.startsWith("/hosts"))}
            >
              <Server size={18} aria-hidden />
            </Link>
            <Link
              href="/flows"
              aria-label="Flows"
              title="Flows"
              aria-current={path === "/flows" ? "page" : undefined}
              className={railItem(path === "/flows")}
            >
              <ArrowLeftRight size={18} aria-hidden />
            </Link>
            <Link
              href="/filters"
              aria-label="Filters"
              title="Filters"
              aria-current={path === "/filters" ? "page" : undefined}
              className={railItem(path === "/filters")}
            >
              <Filter size={18} aria-hidden />
            </Link>
          </>
        }
        bottom={
          <>
            <Link
              href="/settings"
              aria-label="Settings"
              title="Settings"
              aria-current={path === "/settings" ? "page" : undefined}
              className={railItem(path === "/settings")}
            >
              <Settings size={18} aria-hidden />
            </Link>
            <button
              type="button"
              aria-label="Keyboard shortcuts"
              title="Keyboard shortcuts (?)"
              onClick={() => setSheet(true)}
              className={railItem(false)}
            >
              <Keyboard size={18} aria-hidden />
            </button>
            <button type="button" aria-label="Sign out" title="Sign out" onClick={signOut} className={railItem(false)}>
              <LogOut size={18} aria-hidden />
            </button>
          </>
        }
      />
      <main className="flex min-w-0 flex-1 flex-col">{children}</main>
      <ShortcutSheet open={sheet} onOpenChange={setSheet} />
    </div>
  );
}
