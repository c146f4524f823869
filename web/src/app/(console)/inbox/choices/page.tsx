import { ChoicesPage } from "@/features/notices/choices-page";

export default function Page() {
  return <ChoicesPage />;
}
