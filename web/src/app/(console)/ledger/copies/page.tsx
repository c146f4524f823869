import { CopiesPage } from "@/features/ledger/copies-page";

export default function Page() {
  return <CopiesPage />;
}
