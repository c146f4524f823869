import { State, type Tone } from "@/ui/state";

const TONES: Record<string, Tone> = {
  in_wallet: "success",
  paid_out: "success",
  paying_out: "waiting",
  not_paid_out: "failed",
};

/** Where the money of a settlement is. */
export function SettlementState({ status }: { status: string }) {
  return <State state={status} tone={TONES[status]} />;
}
