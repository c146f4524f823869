import { MovementsPage } from "@/features/stock/movements-page";

export default function Page() {
  return <MovementsPage />;
}
