import { StatementPage } from "@/features/statements/statement-page";

export default function Page() {
  return <StatementPage />;
}
