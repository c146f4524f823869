import { Chips } from "@/ui/chips";
import type { Wallet } from "./contract";
import { walletName } from "./wallet-name";

type Props = { wallets: Wallet[]; chosen: string; onChoose: (id: string) => void };

/** Which wallet; nothing to choose where there is one. */
export function WalletChoice({ wallets, chosen, onChoose }: Props) {
  if (wallets.length < 2) return null;
  const options = wallets.map((wallet): [string, string] => [wallet.id, walletName(wallet)]);
  return (
    <div className="no-print mb-4">
      <Chips label="Wallet" options={options} value={chosen} onChange={onChoose} />
    </div>
  );
}
