import { PaymentSettingsPage } from "@/features/payments/settings-page";

export default function Page() {
  return <PaymentSettingsPage />;
}
