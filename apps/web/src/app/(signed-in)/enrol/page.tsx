import type { Metadata } from "next";
import { EnrolScreen } from "../../../features/enrol/EnrolScreen.tsx";

export const metadata: Metadata = { title: "Enrol" };

export default function EnrolPage() {
  return <EnrolScreen />;
}
