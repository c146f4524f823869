"use client";

import { useState } from "react";
import { useThing } from "@/client/queries";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { saveFile } from "@/ui/export";
import { Id } from "@/ui/id";
import { type Fact, Facts } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import type { Entry, Receipt } from "./contract";

/** Hands out the receipt by which anybody checks the entry without us. */
export function ProofButton({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Proof</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Proof of this entry"
        description="A receipt that anybody can check without this installation"
      >
        <Proof entry={entry} />
      </Dialog>
    </>
  );
}

function Proof({ entry }: { entry: Entry }) {
  const receipt = useThing<Receipt>(`/ledger/entries/${encodeURIComponent(entry.id)}/proof`);
  if (receipt.error?.code === "proof_not_ready") return <NotReady />;
  if (receipt.error) return <ErrorState problem={receipt.error} onRetry={() => receipt.refetch()} />;
  if (!receipt.data) return <Skeleton lines={4} />;
  const text = JSON.stringify(receipt.data, null, 2);
  return (
    <div className="space-y-4">
      <p>
        Every field of the entry leads by its hashes to a checkpoint that was signed and published. Change one digit in
        the receipt, or in the books, and the way no longer fits.
      </p>
      <Facts facts={factsOf(receipt.data)} />
      <p className="text-soft text-xs">
        Check it with <span className="font-mono">verify_receipt.py receipt.json --key KEY</span>, a single file that
        comes with Specie and needs nothing else of it. Take the key from where you noted it before.
      </p>
      <Button
        kind="primary"
        className="w-full"
        onClick={() => saveFile(`receipt-${entry.id}.json`, text, "application/json")}
      >
        Download the receipt
      </Button>
    </div>
  );
}

function NotReady() {
  return (
    <p>
      The entry is not in a checkpoint yet. One is signed each hour unless the installation has chosen otherwise; the
      receipt is ready after the next.
    </p>
  );
}

function factsOf(receipt: Receipt): Fact[] {
  const note = noteOf(receipt.checkpoint.note);
  return [
    ["Checkpoint", note.number],
    ["Signed", <When key="signed" at={new Date(Number(note.time) / 1000).toISOString()} />],
    ["Block", String(receipt.block.number)],
    ["Event", String(receipt.event_n)],
    ["Root", <Id key="root" value={note.root ?? ""} />],
    ["Key", <Id key="key" value={receipt.checkpoint.public_key} />],
  ];
}

/** The facts of a checkpoint's note, one a line, by name. */
function noteOf(note: string): Record<string, string> {
  return Object.fromEntries(note.split("\n").map((line) => [line.split(" ")[0], line.split(" ").slice(1).join(" ")]));
}
