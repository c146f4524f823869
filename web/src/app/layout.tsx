import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Providers } from "./providers";
import "./globals.css";

export const metadata: Metadata = {
  title: "Specie",
  description: "One double-entry ledger under payments, wallets and books",
  icons: "/icon.svg",
};

export const viewport: Viewport = { width: "device-width", initialScale: 1 };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The script below may set the theme and the language here before React starts.
    <html lang="en" suppressHydrationWarning>
      <head>
        <script src="/before-paint.js" />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
