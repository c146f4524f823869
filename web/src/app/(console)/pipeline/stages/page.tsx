import { StagesPage } from "@/features/crm/stages-page";

export default function Page() {
  return <StagesPage />;
}
