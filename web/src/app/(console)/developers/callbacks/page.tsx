import { CallbacksPage } from "@/features/providers/callbacks-page";

export default function Page() {
  return <CallbacksPage />;
}
