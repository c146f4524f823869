"use client";

import { useRouter } from "next/navigation";
import { useList } from "@/client/queries";
import { useSession } from "@/features/identity/session";
import type { Party } from "@/features/parties/contract";
import { ImportParties } from "@/features/parties/import-parties";
import { NewParty } from "@/features/parties/new-party";
import { useUrlState } from "@/lib/url-state";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { type CustomerListed, customerPage } from "./contract";

const DEFAULTS = { q: "", role: "" };

const ROLES: [string, string][] = [
  ["", "Everybody"],
  ["customer", "Customers"],
  ["supplier", "Suppliers"],
  ["merchant", "Merchants"],
];

const COLUMNS: Column<CustomerListed>[] = [
  {
    key: "name",
    header: "Customer",
    file: (row) => row.name,
    cell: (row) => (
      <Link href={customerPage(row.party_id)} className="font-medium hover:underline">
        {row.name}
      </Link>
    ),
  },
  { key: "kind", header: "Kind", file: (row) => row.kind, cell: (row) => stateWord(row.kind) },
  {
    key: "identity",
    header: "Identity",
    file: (row) => row.kyc_state,
    cell: (row) => <State state={row.kyc_state} />,
  },
  {
    key: "open",
    header: "Open deals",
    align: "right",
    cell: (row) =>
      row.open.length > 0 ? (
        row.open.map((sum) => (
          <span key={sum.currency} className="block">
            <Money value={sum} href={customerPage(row.party_id)} />
          </span>
        ))
      ) : (
        <span className="text-soft">None</span>
      ),
  },
  {
    key: "next",
    header: "Next to do",
    file: (row) => row.next_due_at,
    cell: (row) => <When at={row.next_due_at} />,
  },
  {
    key: "merged",
    header: "Goes on as",
    cell: (row) =>
      row.merged_into ? (
        <Link href={customerPage(row.merged_into)} className="underline underline-offset-4">
          Merged
        </Link>
      ) : (
        <span className="text-soft">—</span>
      ),
  },
];

/** Everybody the house deals with. */
export function CustomersPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const router = useRouter();
  const { party_id: own } = useSession();
  const open = (made: Party) => router.push(customerPage(made.id));
  const list = useList<CustomerListed>("/crm/customers", { q: view.q, role: view.role });
  return (
    <>
      <PageHeader
        title="Customers"
        note="People and companies, with what is open and due with each"
        actions={
          own === null && (
            <>
              <ImportParties />
              <NewParty as="supplier" onMade={open} />
              <NewParty kind="primary" as="customer" onMade={open} />
            </>
          )
        }
      />
      <div className="no-print mb-4 flex flex-wrap gap-3">
        <SearchBox label="Name, e-mail, number or id" value={view.q} onSearch={(q) => change({ q })} />
        <Chips label="Show" options={ROLES} value={view.role} onChange={(role) => change({ role })} />
      </div>
      <Sheet flush>
        <DataTable
          name="customers"
          caption="Customers, the newest first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.party_id}
          rowHref={(row) => customerPage(row.party_id)}
          empty={
            <EmptyState
              title={view.q || view.role ? "Nobody is known by this" : "No customers yet"}
              why="Whoever signs up is found here, and whoever you add with New customer or New supplier."
              example="Toko Maju · Company · IDR 90,000,000.00 open"
            />
          }
        />
      </Sheet>
    </>
  );
}
