import { SettlementsPage } from "@/features/settlement/settlements-page";

export default function Page() {
  return <SettlementsPage />;
}
