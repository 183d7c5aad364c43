"use client";
import { Pause, Play } from "lucide-react";
import { useEffect } from "react";
import { exact } from "../../domain/units.ts";
import type { PacketStore } from "../../live/packetStore.ts";
import { Button } from "../../ui/Button.tsx";
import { isOnControl, isTyping } from "../app/keyboard.ts";
import { useStore } from "../app/useStore.ts";

/** Pauses and resumes the packet list; Space does the same. */
export function PauseControl({ packets }: { packets: PacketStore }) {
  const { held, fresh } = useStore(packets);
  const paused = held === "paused";
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== " " || isTyping(event) || isOnControl(event)) return;
      event.preventDefault();
      if (packets.snapshot().held === "paused") packets.release("paused", "walking", "scrolled");
      else packets.hold("paused");
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [packets]);
  return (
    <Button
      look={paused ? "primary" : "plain"}
      onClick={() => (paused ? packets.release("paused", "walking", "scrolled") : packets.hold("paused"))}
      icon={paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
      className="min-w-24"
    >
      {paused ? `Resume${fresh > 0 ? ` (${exact(fresh)} new)` : ""}` : "Pause"}
    </Button>
  );
}
