"use client";

import { Terminal } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { type ReactNode, useState } from "react";
import { type Listing, useList, useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import type { RequestRow } from "@/features/reports/contract";
import { HttpStatus } from "@/features/reports/http-status";
import { Chips } from "@/ui/chips";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { useKeys } from "@/ui/shortcuts";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";

/** Requests and events in small, over any page, already filtered to what is on screen. */
export function DeveloperDrawer() {
  const can = useCan();
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState("requests");
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
        side="end"
        title="Developer drawer"
        description={subject ? `About ${subject}` : "The latest of this organisation"}
      >
        {can("events:read") && (
          <div className="mb-3">
            <Chips
              label="What to show"
              value={shown}
              onChange={setShown}
              options={[
                ["requests", "Requests"],
                ["events", "Events"],
              ]}
            />
          </div>
        )}
        {open && shown === "requests" && <LatestRequests subject={subject} />}
        {open && shown === "events" && <LatestEvents subject={subject} />}
      </Dialog>
    </>
  );
}

function LatestRequests({ subject }: { subject: string | null }) {
  const list: Listing<RequestRow> = useList<RequestRow>("/requests", { limit: 100 });
  if (list.isLoading) return <Skeleton />;
  if (list.error) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  const rows = subject ? list.rows.filter((row) => row.path.includes(subject)) : list.rows;
  if (rows.length === 0) {
    return <EmptyState title="No requests" why="Nothing among the latest 100 requests touched this." />;
  }
  return (
    <ul className="-mx-2 divide-y divide-rule">
      {rows.map((row) => (
        <Line
          key={`${row.request_id}${row.at}`}
          href={`/developers/requests/?id=${row.request_id}`}
          mark={<HttpStatus status={row.status} />}
          text={`${row.method} ${row.path}`}
          at={row.at}
        />
      ))}
    </ul>
  );
}

// The newest come first when the feed is read downwards from a number no tenant reaches.
const NEWEST = Number.MAX_SAFE_INTEGER;

function LatestEvents({ subject }: { subject: string | null }) {
  const feed = useThing<Schemas["FeedOut"]>("/events", { before: NEWEST, limit: 50, subject });
  if (feed.error) return <ErrorState problem={feed.error} onRetry={() => feed.refetch()} />;
  if (!feed.data) return <Skeleton />;
  if (feed.data.data.length === 0) return <EmptyState title="No events" why="Nothing has been told about this." />;
  return (
    <ul className="-mx-2 divide-y divide-rule">
      {feed.data.data.map((event) => (
        <Line
          key={event.id}
          href={`/developers/events/?id=${event.id}`}
          mark={<span className="figures text-soft text-xs">{event.n}</span>}
          text={event.type}
          at={event.recorded_at}
        />
      ))}
    </ul>
  );
}

function Line({ href, mark, text, at }: { href: string; mark: ReactNode; text: string; at: string }) {
  return (
    <li>
      <Link href={href} className="flex items-center gap-2 rounded px-2 py-2 hover:bg-well">
        {mark}
        <span className="min-w-0 flex-1 truncate font-mono text-xs">{text}</span>
        <span className="text-soft text-xs">
          <When at={at} show="time" />
        </span>
      </Link>
    </li>
  );
}
