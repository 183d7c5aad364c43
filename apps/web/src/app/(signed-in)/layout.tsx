import type { ReactNode } from "react";
import { Shell } from "../../features/app/Shell.tsx";
import { ServicesProvider } from "../../features/app/services.tsx";
import { requireSession } from "../session.ts";

export default async function SignedInLayout({ children }: { children: ReactNode }) {
  await requireSession();
  return (
    <ServicesProvider>
      <Shell>{children}</Shell>
    </ServicesProvider>
  );
}
