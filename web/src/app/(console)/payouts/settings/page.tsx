import { PayoutSettingsPage } from "@/features/payouts/settings-page";

export default function Page() {
  return <PayoutSettingsPage />;
}
