import { SendPage } from "@/features/wallets/send-page";

export default function Page() {
  return <SendPage />;
}
