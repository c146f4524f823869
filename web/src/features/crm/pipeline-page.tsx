"use client";

import { useList, useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { useUrlState } from "@/lib/url-state";
import { AmountsHead } from "@/ui/amounts-head";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { BoardView } from "./board-view";
import { type Board, customerPage, type Forecast, type Opportunity, type Pipeline, stagesPage } from "./contract";
import { NewDeal } from "./new-deal";
import { NewPipeline } from "./new-pipeline";
import { SharedViews } from "./shared-views";
import { useMoving } from "./use-moving";

const DEFAULTS = { pipeline: "", show: "board", whose: "" };
const SHOWS: [string, string][] = [
  ["board", "Board"],
  ["list", "List"],
  ["forecast", "Forecast"],
];
const WHOSE: [string, string][] = [
  ["", "Everybody's"],
  ["mine", "Mine"],
];

const COLUMNS: Column<Opportunity>[] = [
  { key: "title", header: "Deal", file: (row) => row.title, cell: (row) => row.title },
  {
    key: "customer",
    header: "Customer",
    file: (row) => row.customer_name,
    cell: (row) => (
      <Link href={customerPage(row.party_id)} className="hover:underline">
        {row.customer_name}
      </Link>
    ),
  },
  { key: "state", header: "State", file: (row) => row.outcome, cell: (row) => <State state={row.outcome} /> },
  {
    key: "amount",
    header: "Amount",
    align: "right",
    file: (row) => row.amount,
    cell: (row) => <Money value={row.amount} href={customerPage(row.party_id)} />,
  },
  {
    key: "closes",
    header: "Closes",
    file: (row) => row.expected_close,
    cell: (row) => formatPlainDay(row.expected_close, readerLocale()),
  },
  { key: "owner", header: "Owner", file: (row) => row.owner_name, cell: (row) => row.owner_name ?? "Nobody" },
];

/** Deals on their way: a board, a list, and what they are likely to bring by month. */
export function PipelinePage() {
  const [view, change] = useUrlState(DEFAULTS);
  const { user } = useSession();
  const can = useCan();
  const pipelines = useThing<{ data: Pipeline[] }>("/crm/pipelines");
  const chosen = pipelines.data?.data.find((one) => one.id === view.pipeline) ?? pipelines.data?.data[0];
  const owner = view.whose === "mine" ? user.id : "";
  return (
    <>
      <PageHeader
        title="Pipeline"
        note="Deals by stage; sums count every deal of a stage, not only those in view"
        actions={
          <>
            {can("crm:manage") && <NewPipeline />}
            {chosen && can("crm:manage") && <ButtonLink href={stagesPage(chosen.id)}>Stages</ButtonLink>}
            {chosen && can("crm:write") && <NewDeal pipelineId={chosen.id} />}
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-end gap-4">
        {pipelines.data && pipelines.data.data.length > 1 && (
          <SelectField
            label="Pipeline"
            value={chosen?.id ?? ""}
            onChange={(event) => change({ pipeline: event.target.value })}
          >
            {pipelines.data.data.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </SelectField>
        )}
        <Chips label="Show as" options={SHOWS} value={view.show} onChange={(show) => change({ show })} />
        <Chips label="Whose deals" options={WHOSE} value={view.whose} onChange={(whose) => change({ whose })} />
        <SharedViews screen="pipeline" />
      </div>
      {pipelines.error && <ErrorState problem={pipelines.error} onRetry={() => pipelines.refetch()} />}
      {pipelines.isPending && <Skeleton lines={6} />}
      {pipelines.data && !chosen && (
        <EmptyState title="No pipeline yet" why="Someone who may manage the pipeline adds the first one." />
      )}
      {chosen && view.show === "board" && <BoardOf pipelineId={chosen.id} owner={owner} />}
      {chosen && view.show === "list" && <ListOf pipelineId={chosen.id} owner={owner} />}
      {chosen && view.show === "forecast" && <ForecastOf pipelineId={chosen.id} owner={owner} />}
    </>
  );
}

type PartProps = { pipelineId: string; owner: string };

function BoardOf({ pipelineId, owner }: PartProps) {
  const board = useThing<Board>(`/crm/pipelines/${pipelineId}/board`, { owner_id: owner });
  const { move, asking } = useMoving();
  if (board.error) return <ErrorState problem={board.error} onRetry={() => board.refetch()} />;
  if (!board.data) return <Skeleton lines={8} />;
  return (
    <>
      {asking}
      <BoardView board={board.data} onMove={move} />
    </>
  );
}

function ListOf({ pipelineId, owner }: PartProps) {
  const list = useList<Opportunity>("/crm/opportunities", { pipeline_id: pipelineId, owner_id: owner });
  return (
    <Sheet flush>
      <DataTable
        name="opportunities"
        caption="Deals, those that close first first"
        columns={COLUMNS}
        list={list}
        rowKey={(row) => row.id}
        rowHref={(row) => customerPage(row.party_id)}
        views={false}
        empty={
          <EmptyState
            title="No deals yet"
            why="A deal is money that may come: with whom, how much and when."
            example="Two espresso machines · Toko Maju · IDR 90,000,000.00 · closes 15 Dec"
          />
        }
      />
    </Sheet>
  );
}

function ForecastOf({ pipelineId, owner }: PartProps) {
  const forecast = useThing<{ data: Forecast[] }>("/crm/forecast", { pipeline_id: pipelineId, owner_id: owner });
  if (forecast.error) return <ErrorState problem={forecast.error} onRetry={() => forecast.refetch()} />;
  if (!forecast.data) return <Skeleton lines={6} />;
  if (forecast.data.data.length === 0) {
    return <EmptyState title="Nothing to expect yet" why="Deals bring what their stage makes likely, by month." />;
  }
  const list = `/pipeline/?show=list&pipeline=${pipelineId}`;
  return (
    <Sheet flush title="Expected by month">
      <table className="ledger-table w-full border-collapse">
        <caption className="sr-only">Expected by month: open, likely and won</caption>
        <AmountsHead named="Month" amounts={["Open", "Likely", "Won"]} />
        <tbody className="divide-y divide-rule">
          {forecast.data.data.map((line) => (
            <tr key={`${line.month}${line.open.currency}`} className="h-10">
              <td data-label="Month" className="px-4 py-2">
                {new Intl.DateTimeFormat(readerLocale(), { month: "long", year: "numeric", timeZone: "UTC" }).format(
                  new Date(`${line.month}T00:00:00Z`),
                )}{" "}
                <span className="text-soft text-xs">
                  {line.number} {line.number === 1 ? "deal" : "deals"} open
                </span>
              </td>
              <td data-label="Open" className="px-4 py-2 text-right">
                <Money value={line.open} href={list} />
              </td>
              <td data-label="Likely" className="px-4 py-2 text-right font-medium">
                <Money value={line.weighted} href={list} />
              </td>
              <td data-label="Won" className="px-4 py-2 text-right">
                <Money value={line.won} href={list} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="p-4 text-soft text-xs">Likely is each open amount times the probability of its stage.</p>
    </Sheet>
  );
}
