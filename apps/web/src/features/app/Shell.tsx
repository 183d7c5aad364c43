"use client";
import { ArrowLeftRight, Filter, Keyboard, LogOut, type LucideIcon, Server, Settings } from "lucide-react";
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
            <RailLink href="/" name="Fleet" icon={Server} under={path.startsWith("/hosts")} />
            <RailLink href="/flows" name="Flows" icon={ArrowLeftRight} />
            <RailLink href="/filters" name="Filters" icon={Filter} />
          </>
        }
        bottom={
          <>
            <RailLink href="/settings" name="Settings" icon={Settings} />
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

type RailLinkProps = { readonly href: string; readonly name: string; readonly icon: LucideIcon; readonly under?: boolean };

/** A screen; `under`: what is shown now belongs below it. */
function RailLink({ href, name, icon: Icon, under = false }: RailLinkProps) {
  const here = usePathname() === href;
  return (
    <Link href={href} aria-label={name} title={name} aria-current={here ? "page" : undefined} className={railItem(here || under)}>
      <Icon size={18} aria-hidden />
    </Link>
  );
}
