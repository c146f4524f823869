import { AccountPage } from "@/features/ledger/account-page";

export default function Page() {
  return <AccountPage />;
}
