import { GoHome } from "@/features/identity/go-home";
import { SessionGate } from "@/features/identity/session";

export default function Page() {
  return (
    <SessionGate>
      <GoHome />
    </SessionGate>
  );
}
