import type { Metadata } from "next";
import { HostScreen } from "../../../../features/host/HostScreen.tsx";

export const metadata: Metadata = { title: "Host" };

export default async function HostPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <HostScreen key={id} hostId={id} />;
}
