import { NewOrderPage } from "@/features/payables/editor-pages";

export default function Page() {
  return <NewOrderPage />;
}
