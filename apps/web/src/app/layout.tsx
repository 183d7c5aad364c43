import type { Metadata, Viewport } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Sonde", template: "%s · Sonde" },
  description: "Network packets of a fleet of Linux hosts",
};
export const viewport: Viewport = { colorScheme: "light dark" };

/** Every page is rendered per request: the CSP nonce is made anew for each. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  await connection();
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
