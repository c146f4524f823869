import { QuoteEditorPage } from "@/features/sales/editor-page";

export default function Page() {
  return <QuoteEditorPage />;
}
