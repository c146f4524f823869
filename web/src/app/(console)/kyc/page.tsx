import { KycQueuePage } from "@/features/parties/kyc-queue-page";

export default function Page() {
  return <KycQueuePage />;
}
