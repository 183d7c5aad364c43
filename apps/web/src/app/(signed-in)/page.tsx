import type { Metadata } from "next";
import { FleetScreen } from "../../features/fleet/FleetScreen.tsx";

export const metadata: Metadata = { title: "Fleet" };

export default function FleetPage() {
  return <FleetScreen />;
}
