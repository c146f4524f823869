import { WalletHomePage } from "@/features/wallets/wallet-home-page";

export default function Page() {
  return <WalletHomePage />;
}
