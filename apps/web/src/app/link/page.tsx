import type { Metadata } from "next";
import { UseLink } from "../../features/account/UseLink.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default function Page() {
  return <UseLink />;
}
