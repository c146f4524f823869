import { MembersPage } from "@/features/identity/members-page";

export default function Page() {
  return <MembersPage />;
}
