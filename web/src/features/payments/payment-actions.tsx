"use client";

import { useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { api } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { CaptureButtons } from "./capture-buttons";
import type { Payment } from "./contract";
import { RefundButton } from "./refund-button";

const OPEN = ["created", "pending", "failed"];

/** What can be done with a payment: ask the provider again or cancel it, and once it is paid give money back. */
export function PaymentActions({ payment }: { payment: Payment }) {
  const can = useCan();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  if (!OPEN.includes(payment.status)) {
    return (
      <>
        <CaptureButtons payment={payment} />
        <RefundButton payment={payment} />
      </>
    );
  }

  async function act(name: "check" | "cancel") {
    setBusy(true);
    setProblem(null);
    try {
      await api.post(`/payments/${encodeURIComponent(payment.id)}/${name}`);
      await queries.invalidateQueries();
      setAsking(false);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button icon={<RefreshCw size={14} aria-hidden />} busy={busy} onClick={() => act("check")}>
        Check again
      </Button>
      {can("payments:manage") && (
        <Button kind="danger" onClick={() => setAsking(true)}>
          Cancel payment
        </Button>
      )}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title="Cancel this payment?"
        description="The checkout closes. Money that still arrives is kept and shown as an exception."
      >
        {problem && <ErrorState problem={problem} />}
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Keep it open</Button>
          <Button kind="danger" busy={busy} onClick={() => act("cancel")}>
            Cancel payment
          </Button>
        </div>
      </Dialog>
      {problem && !asking && (
        <div className="basis-full">
          <ErrorState problem={problem} />
        </div>
      )}
    </>
  );
}
