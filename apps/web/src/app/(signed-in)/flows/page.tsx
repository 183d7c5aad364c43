import type { Metadata } from "next";
import { FlowsScreen } from "../../../features/flows/FlowsScreen.tsx";

export const metadata: Metadata = { title: "Flows" };

export default function FlowsPage() {
  return <FlowsScreen />;
}
