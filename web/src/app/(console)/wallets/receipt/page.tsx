import { ReceiptPage } from "@/features/wallets/receipt-page";

export default function Page() {
  return <ReceiptPage />;
}
