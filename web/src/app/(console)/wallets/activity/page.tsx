import { ActivityPage } from "@/features/wallets/activity-page";

export default function Page() {
  return <ActivityPage />;
}
