import { EditorPage } from "@/features/billing/editor-page";

export default function Page() {
  return <EditorPage />;
}
