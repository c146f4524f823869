import { PipelinePage } from "@/features/crm/pipeline-page";

export default function Page() {
  return <PipelinePage />;
}
