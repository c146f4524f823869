import { RoutingPage } from "@/features/payments/routing-page";

export default function Page() {
  return <RoutingPage />;
}
