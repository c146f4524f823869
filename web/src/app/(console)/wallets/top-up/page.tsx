import { TopUpPage } from "@/features/wallets/top-up-page";

export default function Page() {
  return <TopUpPage />;
}
