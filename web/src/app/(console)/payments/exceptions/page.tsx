import { ExceptionsPage } from "@/features/payments/exceptions-page";

export default function Page() {
  return <ExceptionsPage />;
}
