import { OrderEditorPage } from "@/features/sales/editor-page";

export default function Page() {
  return <OrderEditorPage />;
}
