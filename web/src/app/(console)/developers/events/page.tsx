import { EventsPage } from "@/features/events/events-page";

export default function Page() {
  return <EventsPage />;
}
