import { KycReviewPage } from "@/features/parties/kyc-review-page";

export default function Page() {
  return <KycReviewPage />;
}
