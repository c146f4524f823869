import { ConnectionsPage } from "@/features/providers/connections-page";

export default function Page() {
  return <ConnectionsPage />;
}
