import { NewBillPage } from "@/features/payables/editor-pages";

export default function Page() {
  return <NewBillPage />;
}
