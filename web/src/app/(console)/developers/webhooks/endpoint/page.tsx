import { EndpointPage } from "@/features/webhooks/endpoint-page";

export default function Page() {
  return <EndpointPage />;
}
