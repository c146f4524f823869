import { StatementsPage } from "@/features/statements/statements-page";

export default function Page() {
  return <StatementsPage />;
}
