"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import type { SettlementTerms } from "./contract";

/** Ends terms: new sales are not settled, what waits is paid over by the next run. */
export function EndTerms({ row }: { row: SettlementTerms }) {
  const [asking, setAsking] = useState(false);
  const end = useAction();
  const name = row.merchant_name ?? row.merchant_id;
  const path = `/settlement-terms/${encodeURIComponent(row.merchant_id)}/${encodeURIComponent(row.currency)}`;
  const act = async () => {
    if (await end.run(() => api.delete(path))) setAsking(false);
  };
  return (
    <>
      <Button kind="danger" onClick={() => setAsking(true)} aria-label={`End the terms of ${name}`}>
        End
      </Button>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`End the terms of ${name}?`}
        description="What waits is paid over in full by the next run; sales from now on are not settled"
      >
        <div className="space-y-4">
          {end.problem && <ErrorState problem={end.problem} />}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>Keep them</Button>
            <Button kind="danger" busy={end.busy} onClick={act}>
              End them
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
