import { CashbackPage } from "@/features/cashback/cashback-page";

export default function Page() {
  return <CashbackPage />;
}
