import type { Metadata } from "next";
import { PacketsScreen } from "../../../features/packets/PacketsScreen.tsx";

export const metadata: Metadata = { title: "Packets" };

export default function PacketsPage() {
  return <PacketsScreen />;
}
