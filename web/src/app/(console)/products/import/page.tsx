import { ImportRunPage } from "@/features/catalogue/import-run-page";

export default function Page() {
  return <ImportRunPage />;
}
