import type { Metadata } from "next";
import { CaptureScreen } from "../../../../features/captures/CaptureScreen.tsx";

export const metadata: Metadata = { title: "Capture" };

export default async function CapturePage({ params }: { params: Promise<{ id: string }> }) {
  return <CaptureScreen id={(await params).id} />;
}
