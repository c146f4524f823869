"use client";

import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { sizeOf } from "@/lib/files";
import { ButtonLink, DownloadLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Id } from "@/ui/id";
import { PageHeader, Sheet } from "@/ui/sheet";
import { When } from "@/ui/when";

type BooksCopy = Schemas["BooksCopyOut"];

/** The books as other programs read them, a copy of each business day, to take away and check without us. */
export function CopiesPage() {
  const list = useList<BooksCopy>("/books-copies");
  return (
    <>
      <PageHeader
        title="Nightly copies"
        note="The whole books as plain text that beancount and hledger add up again, with the balance of every account"
        actions={<ButtonLink href="/ledger/">Books</ButtonLink>}
      />
      <Sheet flush>
        <DataTable
          name="books-copies"
          caption="Copies of the books, those of the latest day first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title="No copies yet"
              why="Once each business day the worker puts the books into the file storage, unless that is switched off. Books without an entry have no copy."
              example="2026-11-21 · hledger · 1,204 entries · 310 kB"
            />
          }
        />
      </Sheet>
    </>
  );
}

const COLUMNS: Column<BooksCopy>[] = [
  {
    key: "day",
    header: "Day",
    file: (row) => row.business_date,
    cell: (row) => <span className="figures font-medium">{row.business_date}</span>,
  },
  { key: "format", header: "For", file: (row) => row.format, cell: (row) => row.format },
  {
    key: "entries",
    header: "Entries",
    align: "right",
    file: (row) => row.entries,
    cell: (row) => <span className="figures">{row.entries}</span>,
  },
  {
    key: "size",
    header: "Size",
    align: "right",
    file: (row) => row.size,
    cell: (row) => <span className="figures">{sizeOf(row.size)}</span>,
  },
  { key: "made", header: "Made", file: (row) => row.made_at, cell: (row) => <When at={row.made_at} /> },
  {
    key: "digest",
    header: "SHA-256",
    file: (row) => row.sha256,
    cell: (row) => <Id value={row.sha256} />,
    hidden: true,
  },
  {
    key: "take",
    header: "Take",
    align: "right",
    cell: (row) => (
      <DownloadLink href={`/api/v1/books-copies/${row.id}/file`}>
        Download<span className="sr-only"> {`${row.format} of ${row.business_date}`}</span>
      </DownloadLink>
    ),
  },
];
