import { ExpectedPage } from "@/features/reconciliation/expected-page";

export default function Page() {
  return <ExpectedPage />;
}
