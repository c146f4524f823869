import { ClockPage } from "@/features/sandbox/clock-page";

export default function Page() {
  return <ClockPage />;
}
