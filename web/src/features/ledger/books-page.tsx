"use client";

import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { CodePart } from "@/features/names/names";
import { useUrlState } from "@/lib/url-state";
import { AmountsHead } from "@/ui/amounts-head";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { shortCode } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useZone } from "@/ui/zone";
import { AsOfFields, asOfInWords, asOfQuery, asOfSearch } from "./as-of";
import { BalancedTick } from "./balanced-tick";
import type { TreeNode } from "./contract";

const DEFAULTS = { depth: "3", prefix: "", as_of: "", by: "" };
type View = typeof DEFAULTS;

/** The chart of accounts, now or as of a day gone by: every branch is the sum of its leaves, one row per currency. */
export function BooksPage() {
  const can = useCan();
  const [view, change] = useUrlState(DEFAULTS);
  const zone = useZone();
  const wanted = { depth: view.depth, prefix: view.prefix, ...asOfQuery(view, zone) };
  const tree = useThing<TreeNode[]>("/ledger/accounts/tree", wanted);
  return (
    <>
      <PageHeader
        title="Books"
        note={view.as_of === "" ? <BalancedTick /> : asOfInWords(view)}
        actions={
          <>
            <ButtonLink href="/ledger/trial-balance/">Trial balance</ButtonLink>
            <ButtonLink href="/ledger/copies/">Copies</ButtonLink>
            {can("ledger:post") && <ButtonLink href="/ledger/opening/">Opening balances</ButtonLink>}
            {can("ledger:post") && (
              <ButtonLink href="/ledger/new-entry/" kind="primary">
                Manual entry
              </ButtonLink>
            )}
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-end gap-3">
        <AsOfFields view={view} onChange={change} />
        <Chips
          label="Depth"
          value={view.depth}
          onChange={(depth) => change({ depth })}
          options={[
            ["1", "Types"],
            ["2", "Groups"],
            ["3", "Accounts"],
            ["8", "Everything"],
          ]}
        />
        {view.prefix && (
          <button
            type="button"
            onClick={() => change({ prefix: "" })}
            className="text-accent underline underline-offset-4"
          >
            Below {view.prefix}: show all
          </button>
        )}
      </div>
      <Sheet flush>
        {tree.isPending && <Skeleton lines={8} />}
        {tree.error && <ErrorState problem={tree.error} onRetry={() => tree.refetch()} />}
        {tree.data && <Tree nodes={tree.data} view={view} onOpen={(prefix) => change({ prefix, depth: "8" })} />}
      </Sheet>
    </>
  );
}

type TreeProps = { nodes: TreeNode[]; view: View; onOpen: (prefix: string) => void };

function Tree({ nodes, view, onOpen }: TreeProps) {
  const can = useCan();
  if (nodes.length === 0 && view.as_of !== "") {
    return <EmptyState title="Nothing posted by then" why="No account had moved by the end of that day." />;
  }
  if (nodes.length === 0) {
    return (
      <EmptyState
        title="No accounts"
        why="Accounts are opened by the first wallet, payment or manual entry, or come in with your opening balances."
        example="asset:bank:main · IDR 12,500,000.00"
        action={can("ledger:post") && <ButtonLink href="/ledger/opening/">Opening balances</ButtonLink>}
      />
    );
  }
  return (
    <table className="ledger-table w-full border-collapse">
      <caption className="sr-only">Chart of accounts with balances</caption>
      <AmountsHead named="Account" amounts={["Accounts", "Balance"]} />
      <tbody className="divide-y divide-rule">
        {nodes.map((node, at) => (
          <TreeRow
            key={`${node.code}${node.currency}`}
            node={node}
            view={view}
            isRepeated={nodes[at - 1]?.code === node.code}
            onOpen={onOpen}
          />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = { node: TreeNode; view: View; isRepeated: boolean; onOpen: (prefix: string) => void };

const pageOf = (id: string, view: View) => `/ledger/account/?id=${id}${asOfSearch(view)}`;

function TreeRow({ node, view, isRepeated, onOpen }: RowProps) {
  const level = node.code.split(":").length - 1;
  const account = node.account_id ? pageOf(node.account_id, view) : null;
  return (
    <tr className="h-10 hover:bg-well">
      <td data-label="Account" className="px-4 py-2">
        <div style={{ paddingInlineStart: `${level * 16}px` }} className={level === 0 ? "font-semibold" : undefined}>
          {level > 0 && <Above code={node.code} />}
          <NodeName node={node} view={view} isRepeated={isRepeated} onOpen={onOpen} />
        </div>
      </td>
      <td data-label="Accounts" className="figures px-4 py-2 text-right text-soft">
        {node.accounts}
      </td>
      <td data-label="Balance" className="px-4 py-2 text-right">
        <Money
          value={node.balance}
          href={account ?? `/ledger/?prefix=${encodeURIComponent(node.code)}&depth=8${asOfSearch(view)}`}
          className={level === 0 ? "font-semibold" : undefined}
        />
      </td>
    </tr>
  );
}

/** What a place belongs to, in words where cards on a phone show it by no indent. */
function Above({ code }: { code: string }) {
  return <span className="block text-soft text-xs sm:hidden">{shortCode(code.slice(0, code.lastIndexOf(":")))}</span>;
}

/** A branch opens what is below it, an account its statement. The next currency of the same place repeats no name. */
function NodeName({ node, view, isRepeated, onOpen }: RowProps) {
  const name = <CodePart part={node.code.split(":").at(-1) ?? node.code} />;
  // On a phone each row is a card of its own, and needs the name again.
  if (isRepeated) return <span className="sm:sr-only">{name}</span>;
  if (node.account_id) {
    return (
      <Link href={pageOf(node.account_id, view)} title={node.code} className="hover:underline">
        {name}
      </Link>
    );
  }
  return (
    <button type="button" title={node.code} onClick={() => onOpen(node.code)} className="hover:underline">
      {name}
    </button>
  );
}
