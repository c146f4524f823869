import { AgeingPage } from "@/features/billing/ageing-page";

export default function Page() {
  return <AgeingPage />;
}
