"use client";

import { GripVertical } from "lucide-react";
import { type DragEvent, type KeyboardEvent, useState } from "react";
import { useCan } from "@/features/identity/session";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { classes } from "@/ui/classes";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { When } from "@/ui/when";
import { type Board, type BoardColumn, customerPage, type Opportunity, type Stage } from "./contract";
import { neighbour } from "./neighbours";

type Move = (deal: Opportunity, stage: Stage) => void;
type Props = { board: Board; onMove: Move };

/** The stages side by side. A deal is dragged, moved with the arrow keys, or sent to a stage from its list. */
export function BoardView({ board, onMove }: Props) {
  return (
    <ul className="grid gap-3 lg:auto-cols-fr lg:grid-flow-col" aria-label={`Board of ${board.pipeline.name}`}>
      {board.columns.map((column) => (
        <ColumnOfBoard key={column.stage.id} column={column} board={board} onMove={onMove} />
      ))}
    </ul>
  );
}

function ColumnOfBoard({ column, board, onMove }: Props & { column: BoardColumn }) {
  const [isOver, setOver] = useState(false);
  const { stage } = column;

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const id = event.dataTransfer.getData("text/plain");
    const deal = board.columns.flatMap((each) => each.opportunities).find((each) => each.id === id);
    if (deal && deal.stage_id !== stage.id) onMove(deal, stage);
  }

  return (
    <li
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classes(
        "min-w-0 rounded-lg border bg-well/60 p-2",
        isOver ? "border-accent bg-accent-soft" : "border-rule",
      )}
    >
      <div className="px-1 pb-2">
        <h2 className="flex items-baseline justify-between gap-2 text-sm">
          <span className="truncate" title={stage.name}>
            {stage.name}
          </span>
          <span className="font-normal text-soft text-xs">{column.number}</span>
        </h2>
        <div className="text-xs">
          {column.sums.map((sum) => (
            <p key={sum.currency} className="font-medium">
              <Money value={sum} href={`/pipeline/?show=list&pipeline=${board.pipeline.id}`} />
            </p>
          ))}
          {column.sums.length === 0 && <p className="text-soft">Nothing here</p>}
          {stage.outcome === "open" && <p className="text-soft">{stage.probability_bps / 100}% likely</p>}
        </div>
      </div>
      <ul className="space-y-2">
        {column.opportunities.map((deal) => (
          <Card key={deal.id} deal={deal} stages={board.pipeline.stages} onMove={onMove} />
        ))}
      </ul>
      {column.number > column.opportunities.length && (
        <p className="px-1 pt-2 text-soft text-xs">The first {column.opportunities.length} are shown.</p>
      )}
    </li>
  );
}

type CardProps = { deal: Opportunity; stages: Stage[]; onMove: Move };

function Card({ deal, stages, onMove }: CardProps) {
  const mayMove = useCan()("crm:write");

  function press(event: KeyboardEvent) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] as -1 | 1 | undefined;
    const stage = step && neighbour(stages, deal.stage_id, step);
    if (!stage) return;
    event.preventDefault();
    onMove(deal, stage);
  }

  return (
    <li
      draggable={mayMove}
      onDragStart={(event) => event.dataTransfer.setData("text/plain", deal.id)}
      className="rounded-md border border-rule bg-sheet p-2 shadow-sm"
    >
      <div className="flex items-start gap-1">
        <div className="min-w-0 flex-1">
          <p className="font-medium text-sm [overflow-wrap:anywhere]">{deal.title}</p>
          <p className="text-xs">
            <Link href={customerPage(deal.party_id)} className="text-soft hover:underline">
              {deal.customer_name}
            </Link>
          </p>
        </div>
        {mayMove && (
          <button
            type="button"
            data-deal={deal.id}
            aria-label={`Move ${deal.title}: arrow keys left and right`}
            onKeyDown={press}
            className="-mr-1 cursor-grab rounded p-1 text-soft hover:bg-well"
          >
            <GripVertical size={14} aria-hidden="true" />
          </button>
        )}
      </div>
      <p className="mt-1 text-xs">
        <Money value={deal.amount} href={customerPage(deal.party_id)} />
      </p>
      <p className="text-soft text-xs">
        {deal.outcome === "open" ? "Closes " : "Expected "}
        {formatPlainDay(deal.expected_close, readerLocale())}
        {deal.owner_name && ` · ${deal.owner_name}`}
      </p>
      {deal.next_due_at && (
        <p className="text-soft text-xs">
          Next: <When at={deal.next_due_at} />
        </p>
      )}
      {deal.lost_reason && <p className="text-soft text-xs">{deal.lost_reason}</p>}
      {mayMove && (
        <select
          aria-label={`Stage of ${deal.title}`}
          value={deal.stage_id}
          onChange={(event) => {
            const stage = stages.find((each) => each.id === event.target.value);
            if (stage) onMove(deal, stage);
          }}
          className="mt-2 w-full rounded border border-rule bg-sheet px-2 py-1 text-xs lg:hidden"
        >
          {stages.map((stage) => (
            <option key={stage.id} value={stage.id}>
              {stage.name}
            </option>
          ))}
        </select>
      )}
    </li>
  );
}
