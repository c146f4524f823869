import type { ReactNode } from "react";
import { SessionGate } from "@/features/identity/session";
import { StepUpProvider } from "@/features/identity/step-up";
import { AppShell } from "@/features/shell/app-shell";

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return (
    <SessionGate>
      <StepUpProvider>
        <AppShell>{children}</AppShell>
      </StepUpProvider>
    </SessionGate>
  );
}
