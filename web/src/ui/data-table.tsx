"use client";

import { Columns3, Download } from "lucide-react";
import { useRouter } from "next/navigation";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import { toast } from "sonner";
import { useTranslations } from "use-intl";
import { asProblem } from "@/client/problem";
import { type Listing, MOST_ROWS } from "@/client/queries";
import { useSpokenProblem } from "@/messages/provider";
import { Button } from "./button";
import { classes } from "./classes";
import { ErrorState } from "./error-state";
import { csvOf, type FileColumn, saveFile } from "./export";
import { SavedViews } from "./saved-views";
import { useKeys } from "./shortcuts";
import { Skeleton } from "./skeleton";
import { useStored } from "./stored";

/** `file` says what the column holds when the list is saved; a column without it is left out of the file. */
export type Column<Row> = FileColumn<Row> & {
  key: string;
  cell: (row: Row) => ReactNode;
  align?: "right";
  hidden?: boolean;
};

type Props<Row> = {
  name: string;
  caption: string;
  columns: Column<Row>[];
  list: Listing<Row>;
  rowKey: (row: Row) => string;
  rowHref?: (row: Row) => string;
  empty: ReactNode;
  footer?: ReactNode;
  /** Whether its filters can be kept under a name; a list that can be saved as a file can, unless it says otherwise. */
  views?: boolean;
};

/**
 * A list: rows by keyboard (j, k, Enter), pages by cursor, columns chosen and remembered, cards on a narrow screen.
 * What it shows can be saved: the same filters and columns, and every row.
 */
export function DataTable<Row>(props: Props<Row>) {
  const t = useTranslations("ui");
  const { list, columns, caption } = props;
  const [hidden, setHidden] = useStored<string[]>(
    `specie.columns.${props.name}`,
    columns.filter((column) => column.hidden).map((column) => column.key),
  );
  const shown = columns.filter((column) => !hidden.includes(column.key));
  const isSavable = columns.some((column) => column.file);
  const views = (props.views ?? isSavable) && <SavedViews list={props.name} />;
  const body = useRowKeys(list.rows, props.rowHref);

  if (list.error && list.rows.length === 0) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  if (list.isLoading) return <Skeleton lines={6} />;
  if (list.rows.length === 0) {
    return (
      <div className="min-w-0">
        <div className="no-print px-4 pt-3">{views}</div>
        {props.empty}
      </div>
    );
  }
  return (
    <div className="min-w-0">
      <div className="no-print flex flex-wrap items-center px-2 pt-2">
        <div className="me-auto px-2">{views}</div>
        {isSavable && <SaveRows name={props.name} columns={shown} list={list} />}
        <ColumnChoice columns={columns} hidden={hidden} onChange={setHidden} />
      </div>
      <div className="sm:overflow-x-auto">
        <table className="ledger-table w-full border-collapse">
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr className="border-rule border-b text-start text-soft text-xs">
              {shown.map((column) => (
                <th
                  key={column.key}
                  scope="col"
                  className={classes("whitespace-nowrap px-4 py-2 font-medium", column.align === "right" && "text-end")}
                >
                  {column.header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body} className="divide-y divide-rule">
            {list.rows.map((row) => (
              <tr key={props.rowKey(row)} tabIndex={-1} className="h-10 hover:bg-well focus:bg-accent-soft">
                {shown.map((column) => (
                  <td
                    key={column.key}
                    data-label={column.header}
                    className={classes("px-4 py-2", column.align === "right" && "text-end")}
                  >
                    <div>{column.cell(row)}</div>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          {props.footer}
        </table>
      </div>
      {list.error && <ErrorState problem={list.error} onRetry={list.refetch} />}
      {list.hasMore && (
        <div className="no-print border-rule border-t p-3 text-center">
          <Button kind="quiet" busy={list.isLoadingMore} onClick={list.loadMore}>
            {t("showMore")}
          </Button>
        </div>
      )}
    </div>
  );
}

function useRowKeys<Row>(rows: Row[], rowHref?: (row: Row) => string) {
  const body = useRef<HTMLTableSectionElement>(null);
  const router = useRouter();
  useKeys((key) => {
    const all = [...(body.current?.rows ?? [])];
    const at = all.indexOf(document.activeElement as HTMLTableRowElement);
    if (key === "j" || key === "k") {
      const next = Math.min(Math.max(at + (key === "j" ? 1 : -1), 0), all.length - 1);
      all[next]?.focus();
    }
    const row = rows[at];
    if (key === "Enter" && row !== undefined && rowHref) router.push(rowHref(row));
  });
  return body;
}

const TOOL = "items-center gap-1.5 rounded px-2 py-1 text-soft text-xs hover:bg-well";

type SaveProps<Row> = { name: string; columns: Column<Row>[]; list: Listing<Row> };

function SaveRows<Row>({ name, columns, list }: SaveProps<Row>) {
  const t = useTranslations("ui");
  const said = useSpokenProblem();
  const [busy, setBusy] = useState(false);

  async function save() {
    setBusy(true);
    try {
      const rows = await list.readAll();
      saveFile(
        `${name}-${new Date().toISOString().slice(0, 10)}.csv`,
        csvOf(columns, rows, (column) => t("columnCurrency", { column })),
      );
      toast(t(rows.length < MOST_ROWS ? "rowsSaved" : "newestRowsSaved", { count: rows.length }));
    } catch (error) {
      toast.error(t("nothingSaved", { why: said(asProblem(error)).title }));
    } finally {
      setBusy(false);
    }
  }

  return (
    <button type="button" data-export onClick={save} disabled={busy} className={`inline-flex ${TOOL}`}>
      <Download size={14} aria-hidden="true" /> {busy ? t("readingRows") : t("export")}
    </button>
  );
}

type ChoiceProps<Row> = { columns: Column<Row>[]; hidden: string[]; onChange: (hidden: string[]) => void };

function ColumnChoice<Row>({ columns, hidden, onChange }: ChoiceProps<Row>) {
  const t = useTranslations("ui");
  const toggle = (key: string) =>
    onChange(hidden.includes(key) ? hidden.filter((other) => other !== key) : [...hidden, key]);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className={`hidden sm:inline-flex ${TOOL}`}>
        <Columns3 size={14} aria-hidden="true" /> {t("columns")}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" className="z-30 rounded-md border border-rule bg-sheet p-1 shadow-float">
          {columns.map((column) => (
            <DropdownMenu.CheckboxItem
              key={column.key}
              checked={!hidden.includes(column.key)}
              disabled={!hidden.includes(column.key) && columns.length - hidden.length === 1}
              onCheckedChange={() => toggle(column.key)}
              onSelect={(event) => event.preventDefault()}
              className="flex cursor-pointer items-center gap-2 rounded px-2 py-1.5 data-[highlighted]:bg-well"
            >
              <span className="w-4">
                <DropdownMenu.ItemIndicator>✓</DropdownMenu.ItemIndicator>
              </span>
              {column.header}
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
