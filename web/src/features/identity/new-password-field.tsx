import { useTranslations } from "use-intl";
import type { Problem } from "@/client/problem";
import { TextField } from "@/ui/field";

const SHORTEST = 12;

type Props = { label: string; name: string; problem: Problem | null; more?: string };

/** A password being chosen, with the length that the API asks for. `more` is added to the hint. */
export function NewPasswordField({ label, name, problem, more }: Props) {
  const t = useTranslations("identity");
  return (
    <TextField
      label={label}
      name={name}
      type="password"
      autoComplete="new-password"
      required
      minLength={SHORTEST}
      hint={more ? t("passwordHintMore", { shortest: SHORTEST, more }) : t("passwordHint", { shortest: SHORTEST })}
      error={problem?.messageFor(name) ?? problem?.messageFor("password")}
    />
  );
}
