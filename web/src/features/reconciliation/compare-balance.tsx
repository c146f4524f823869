"use client";

import { toast } from "sonner";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { readerLocale } from "@/lib/locale";
import { formatMoney } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import type { Comparison, Source } from "./contract";

/** Ask the provider what it holds now; a difference from the books becomes an exception. */
export function CompareBalance({ source }: { source: Source }) {
  const act = useAction();
  const compare = () =>
    act.run(async () => {
      const found = await api.post<Comparison>(`/reconciliation/sources/${source.id}/balance`, {});
      const held = formatMoney(found.at_provider, readerLocale());
      if (found.exception) toast.error(`The provider holds ${held}, which the books do not say`);
      else toast.success(`The provider holds ${held}, as the books say`);
    });
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button busy={act.busy} onClick={compare}>
        Compare balance
      </Button>
    </>
  );
}
