import type { ReactNode } from "react";
import { SecondFactorGate } from "@/features/account/second-factor-gate";
import { SessionGate } from "@/features/identity/session";
import { StepUpProvider } from "@/features/identity/step-up";
import { AppShell } from "@/features/shell/app-shell";

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return (
    <SessionGate>
      <StepUpProvider>
        <SecondFactorGate>
          <AppShell>{children}</AppShell>
        </SecondFactorGate>
      </StepUpProvider>
    </SessionGate>
  );
}
