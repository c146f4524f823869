import { TermsPage } from "@/features/settlement/terms-page";

export default function Page() {
  return <TermsPage />;
}
