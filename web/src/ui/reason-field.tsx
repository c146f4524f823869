import type { Problem } from "@/client/problem";
import { TextField } from "./field";

type Props = { problem: Problem | null; hint?: string; defaultValue?: string };

/** Why somebody does what the audit log keeps. */
export function ReasonField({ problem, hint = "Kept in the audit log", defaultValue }: Props) {
  return (
    <TextField
      label="Reason"
      name="reason"
      required
      minLength={3}
      maxLength={500}
      hint={hint}
      defaultValue={defaultValue}
      error={problem?.messageFor("reason")}
    />
  );
}
