import { InboxPage } from "@/features/notices/inbox-page";

export default function Page() {
  return <InboxPage />;
}
