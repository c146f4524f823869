import { useTranslations } from "use-intl";
import { Chips } from "@/ui/chips";
import { SelectField } from "@/ui/field";
import type { Wallet } from "./contract";
import { useWalletName } from "./wallet-name";
import { WalletTitle } from "./wallet-title";

type Props = { wallets: Wallet[]; chosen: string; onChoose: (id: string) => void };

/** Which wallet; nothing to choose where there is one. */
export function WalletChoice({ wallets, chosen, onChoose }: Props) {
  const t = useTranslations("wallets");
  const nameOf = useWalletName();
  if (wallets.length < 2) return null;
  const hasOneOwner = wallets.every((wallet) => wallet.party_id === wallets[0]?.party_id);
  if (!hasOneOwner) {
    return (
      <div className="no-print mb-4 max-w-md">
        <SelectField label={t("wallet")} value={chosen} onChange={(event) => onChoose(event.target.value)}>
          {wallets.map((wallet) => (
            <option key={wallet.id} value={wallet.id}>
              <WalletTitle wallet={wallet} />
            </option>
          ))}
        </SelectField>
      </div>
    );
  }
  const options = wallets.map((wallet): [string, string] => [wallet.id, nameOf(wallet)]);
  return (
    <div className="no-print mb-4">
      <Chips label={t("wallet")} options={options} value={chosen} onChange={onChoose} />
    </div>
  );
}
