import { SettlementPage } from "@/features/settlement/settlement-page";

export default function Page() {
  return <SettlementPage />;
}
