import { EntryPage } from "@/features/ledger/entry-page";

export default function Page() {
  return <EntryPage />;
}
