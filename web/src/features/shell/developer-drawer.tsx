"use client";

import { Terminal } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { useList } from "@/client/queries";
import type { RequestRow } from "@/features/reports/contract";
import { HttpStatus } from "@/features/reports/http-status";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { useKeys } from "@/ui/shortcuts";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";

/** The request log in small, over any page, already filtered to what is on screen. */
export function DeveloperDrawer() {
  const [open, setOpen] = useState(false);
  const subject = useSearchParams().get("id");
  useKeys((key) => key === "`" && setOpen(true));
  return (
    <>
      <button
        type="button"
        aria-label="Developer drawer"
        onClick={() => setOpen(true)}
        className="rounded p-2 hover:bg-well"
      >
        <Terminal size={16} aria-hidden="true" />
      </button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        side="right"
        title="Requests"
        description={subject ? `About ${subject}` : "The latest of this organisation"}
      >
        {open && <LatestRequests subject={subject} />}
      </Dialog>
    </>
  );
}

function LatestRequests({ subject }: { subject: string | null }) {
  const list = useList<RequestRow>("/requests", { limit: 50 });
  if (list.isLoading) return <Skeleton />;
  if (list.error) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  const rows = subject ? list.rows.filter((row) => row.path.includes(subject)) : list.rows;
  if (rows.length === 0) {
    return <EmptyState title="No requests" why="Nothing among the latest 50 requests touched this." />;
  }
  return (
    <ul className="-mx-2 divide-y divide-rule">
      {rows.map((row) => (
        <li key={`${row.request_id}${row.at}`}>
          <Link
            href={`/developers/requests/?id=${row.request_id}`}
            className="flex items-center gap-2 rounded px-2 py-2 hover:bg-well"
          >
            <HttpStatus status={row.status} />
            <span className="min-w-0 flex-1 truncate font-mono text-xs">
              {row.method} {row.path}
            </span>
            <span className="text-soft text-xs">
              <When at={row.at} show="time" />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
