"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import {
  bodyOf,
  type Draft,
  type DraftLine,
  type Moved,
  WAYS,
  type Warehouse,
  type Way,
  withProduct,
} from "./contract";
import { MovePreview } from "./move-preview";
import { ScanField } from "./scan-field";

type Props = { way: Way; warehouses: Warehouse[]; start: string; onDone: () => void };

/** Moves goods: products are scanned or found, what would change is shown, and only then it is done. */
export function MoveForm({ way, warehouses, start, onDone }: Props) {
  const act = useAction();
  const post = useKeyedPost();
  const [preview, setPreview] = useState<Moved | null>(null);
  const [draft, setDraft] = useState<Draft>({
    warehouse: start || (warehouses[0]?.id ?? ""),
    target: "",
    direction: "out",
    day: "",
    note: "",
    lines: [],
  });
  const here = warehouses.find((each) => each.id === draft.warehouse);
  const currency = here?.currency ?? "IDR";
  const others = warehouses.filter((each) => each.id !== draft.warehouse && each.currency === currency);
  const hasCost = way === "receive" || (way === "adjust" && draft.direction === "in");

  function change(part: Partial<Draft>) {
    setDraft({ ...draft, ...part });
    setPreview(null);
    act.forget();
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = bodyOf(way, { ...draft, target: draft.target || (others[0]?.id ?? "") }, currency);
    if (preview === null) {
      await act.run(async () => setPreview(await api.post<Moved>(WAYS[way].path, body, { query: { dry_run: true } })));
      return;
    }
    const isDone = await act.run(() => post(WAYS[way].path, body));
    if (isDone) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <ScanField onFound={(product) => change({ lines: withProduct(way === "adjust" ? [] : draft.lines, product) })} />
      <Lines lines={draft.lines} currency={currency} hasCost={hasCost} onChange={(lines) => change({ lines })} />
      <SelectField
        label={way === "transfer" ? "From" : "Warehouse"}
        value={draft.warehouse}
        onChange={(event) => change({ warehouse: event.target.value })}
      >
        {warehouses.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </SelectField>
      {way === "transfer" && (
        <SelectField label="To" value={draft.target} onChange={(event) => change({ target: event.target.value })}>
          {others.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </SelectField>
      )}
      {way === "adjust" && (
        <SelectField
          label="What happened"
          value={draft.direction}
          onChange={(event) => change({ direction: event.target.value === "in" ? "in" : "out" })}
        >
          <option value="out">Goods are broken or lost</option>
          <option value="in">Goods were found</option>
        </SelectField>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Day"
          type="date"
          value={draft.day}
          onChange={(event) => change({ day: event.target.value })}
          hint="Empty for now"
          error={act.problem?.messageFor("effective_at")}
        />
        <TextField
          label="Note"
          value={draft.note}
          maxLength={500}
          onChange={(event) => change({ note: event.target.value })}
        />
      </div>
      {act.problem && <ErrorState problem={act.problem} />}
      {preview && <MovePreview moved={preview} warehouses={warehouses} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={draft.lines.length === 0} className="w-full">
        {preview ? WAYS[way].button : "Show what would change"}
      </Button>
    </form>
  );
}

type LinesProps = { lines: DraftLine[]; currency: string; hasCost: boolean; onChange: (lines: DraftLine[]) => void };

function Lines({ lines, currency, hasCost, onChange }: LinesProps) {
  const put = (of: DraftLine, part: Partial<DraftLine>) =>
    onChange(lines.map((line) => (line.product_id === of.product_id ? { ...line, ...part } : line)));
  return (
    <ul className="space-y-3">
      {lines.map((line) => (
        <li key={line.product_id} className="rounded-md border border-rule p-3">
          <div className="mb-2 flex items-baseline justify-between gap-2">
            <span className="font-medium">{line.name}</span>
            <button
              type="button"
              className="text-soft text-xs hover:underline"
              onClick={() => onChange(lines.filter((each) => each !== line))}
            >
              Remove<span className="sr-only"> {line.name}</span>
            </button>
          </div>
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField
              label={`Quantity, ${line.unit}`}
              inputMode="decimal"
              value={line.quantity}
              pattern="[0-9]{1,12}([.][0-9]{1,6})?"
              required
              onChange={(event) => put(line, { quantity: event.target.value.replace(",", ".") })}
            />
            {hasCost && (
              <MoneyInput
                label={`Cost of one ${line.unit}`}
                currency={currency}
                onChange={(cost) => put(line, { cost })}
              />
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
