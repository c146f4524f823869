import { ChooseTenantPage } from "@/features/identity/choose-tenant-page";
import { SessionGate } from "@/features/identity/session";

export default function Page() {
  return (
    <SessionGate>
      <ChooseTenantPage />
    </SessionGate>
  );
}
