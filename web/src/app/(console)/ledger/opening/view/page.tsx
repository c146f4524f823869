import { ImportPage } from "@/features/opening/import-page";

export default function Page() {
  return <ImportPage />;
}
