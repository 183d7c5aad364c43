import type { Metadata } from "next";
import { PartsScreen } from "../../features/parts/PartsScreen.tsx";

export const metadata: Metadata = { title: "Parts" };

export default function PartsPage() {
  return <PartsScreen />;
}
