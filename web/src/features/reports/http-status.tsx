import { State } from "@/ui/state";

/** An HTTP status as a state: 2xx is a success, 4xx is held back, 5xx has failed. */
export function HttpStatus({ status }: { status: number }) {
  const tone = status >= 500 ? "failed" : status >= 400 ? "held" : "success";
  return <State state={String(status)} tone={tone} />;
}
