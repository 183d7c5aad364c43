import type { Metadata } from "next";
import { ChoosePassword } from "../../features/account/ChoosePassword.tsx";
import { requireSession } from "../session.ts";

export const metadata: Metadata = { title: "Choose a password" };

export default async function Page() {
  await requireSession();
  return <ChoosePassword />;
}
