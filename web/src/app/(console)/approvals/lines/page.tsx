import { LinesPage } from "@/features/approvals/lines-page";

export default function Page() {
  return <LinesPage />;
}
