import type { Metadata } from "next";
import { FiltersScreen } from "../../../features/filters/FiltersScreen.tsx";

export const metadata: Metadata = { title: "Filters" };

export default function FiltersPage() {
  return <FiltersScreen />;
}
