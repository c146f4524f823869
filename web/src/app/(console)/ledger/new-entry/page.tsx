import { NewEntryPage } from "@/features/ledger/new-entry-page";

export default function Page() {
  return <NewEntryPage />;
}
