import { ReferencePage } from "@/features/reference/reference-page";

export default function Page() {
  return <ReferencePage />;
}
