import { OpeningPage } from "@/features/opening/opening-page";

export default function Page() {
  return <OpeningPage />;
}
