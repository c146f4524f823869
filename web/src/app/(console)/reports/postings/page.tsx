import { PostingsPage } from "@/features/reports/postings-page";

export default function Page() {
  return <PostingsPage />;
}
