"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "@/client/api";
import type { Problem } from "@/client/problem";
import { type Listing, MOST_ROWS, useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { Thing } from "@/features/names/names";
import { useUrlState } from "@/lib/url-state";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { JsonView } from "@/ui/json-view";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import { EventDeliveries } from "./event-deliveries";
import { EventTypeSelect } from "./event-type-select";
import { TriggerButton } from "./trigger-button";

type EventRow = Schemas["EventOut"];
type Feed = Schemas["FeedOut"];

const DEFAULTS = { type: "", subject: "", id: "" };
// The newest come first when the feed is read downwards from a number no tenant reaches.
const NEWEST = Number.MAX_SAFE_INTEGER;

/** The feed of facts, numbered without gaps. */
export function EventsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const list = useFeed(view.type, view.subject);
  return (
    <>
      <PageHeader
        title="Events"
        note="Facts in the order they were numbered, without gaps; webhooks are copies of them"
        actions={<TriggerButton />}
      />
      <div className="no-print mb-4 flex flex-wrap items-center gap-3">
        <EventTypeSelect value={view.type} onChange={(type) => change({ type })} />
        <SearchBox
          label="About, such as pay_…"
          value={view.subject}
          onSearch={(subject) => change({ subject: subject.trim() })}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="events"
          caption="Events, the newest first"
          columns={columns((id) => change({ id }))}
          list={list}
          rowKey={(row) => row.id}
          rowHref={(row) => `/developers/events/?id=${row.id}`}
          empty={
            <EmptyState
              title="No events"
              why="Each fact, such as a payment being paid, is one event."
              example="42 · payment.paid · pay_01m7y5…"
            />
          }
        />
      </Sheet>
      <Dialog open={view.id !== ""} onOpenChange={(open) => !open && change({ id: "" })} title="Event" side="end">
        {view.id && <EventDetail id={view.id} />}
      </Dialog>
    </>
  );
}

function useFeed(type: string, subject: string): Listing<EventRow> {
  const feed = useInfiniteQuery<Feed, Problem, { pages: Feed[] }, unknown[], number>({
    queryKey: ["/events", type, subject],
    queryFn: ({ pageParam }) => api.get<Feed>("/events", { before: pageParam, type, subject, limit: 25 }),
    initialPageParam: NEWEST,
    getNextPageParam: (last) => (last.has_more ? last.next_after : null),
  });
  return {
    rows: feed.data?.pages.flatMap((page) => page.data) ?? [],
    isLoading: feed.isPending,
    error: feed.error,
    hasMore: feed.hasNextPage,
    isLoadingMore: feed.isFetchingNextPage,
    loadMore: () => void feed.fetchNextPage(),
    refetch: () => void feed.refetch(),
    readAll: () => readAll(type, subject),
  };
}

async function readAll(type: string, subject: string): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  let before: number | null = NEWEST;
  do {
    const part: Feed = await api.get<Feed>("/events", { before, type, subject, limit: 100 });
    rows.push(...part.data);
    before = part.has_more ? part.next_after : null;
  } while (before !== null && rows.length < MOST_ROWS);
  return rows;
}

function columns(onOpen: (id: string) => void): Column<EventRow>[] {
  return [
    { key: "n", header: "No.", file: (row) => row.n, cell: (row) => <span className="figures">{row.n}</span> },
    {
      key: "type",
      header: "Type",
      file: (row) => row.type,
      cell: (row) => (
        <button type="button" onClick={() => onOpen(row.id)} className="font-mono text-xs hover:underline">
          {row.type}
        </button>
      ),
    },
    { key: "subject", header: "About", file: (row) => row.subject.id, cell: (row) => <Thing id={row.subject.id} /> },
    {
      key: "version",
      header: "Version",
      file: (row) => row.subject.version,
      cell: (row) => <span className="figures">{row.subject.version}</span>,
    },
    {
      key: "at",
      header: "Recorded",
      file: (row) => row.recorded_at,
      cell: (row) => <When at={row.recorded_at} show="seconds" />,
    },
  ];
}

function EventDetail({ id }: { id: string }) {
  const event = useThing<EventRow>(`/events/${encodeURIComponent(id)}`);
  if (event.error) return <ErrorState problem={event.error} onRetry={() => event.refetch()} />;
  if (!event.data) return <Skeleton />;
  return (
    <div className="space-y-4">
      <EventDeliveries eventId={id} />
      <JsonView value={event.data} label="Event" />
    </div>
  );
}
