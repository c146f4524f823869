"use client";

import { Terminal } from "lucide-react";
import { useThing } from "@/client/queries";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Id, useCopy } from "@/ui/id";
import { BodyView } from "@/ui/json-view";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { RequestTrace } from "./contract";
import { asCurl } from "./curl";
import { HttpStatus } from "./http-status";

type Try = RequestTrace["requests"][number];
type TraceEntry = RequestTrace["entries"][number];

/** Did it happen? Every try of one request with bodies and answers, and the entries it wrote. */
export function RequestView({ id }: { id: string }) {
  const trace = useThing<RequestTrace>(`/requests/${encodeURIComponent(id)}`);
  if (trace.error) return <ErrorState problem={trace.error} onRetry={() => trace.refetch()} />;
  if (!trace.data) return <Skeleton lines={6} />;
  const { money_moved: moved, requests, entries } = trace.data;
  return (
    <div className="space-y-6">
      <p>
        <State
          state={moved ? "moved" : "none"}
          tone={moved ? "success" : "neutral"}
          word={moved ? "Money was moved" : "No money was moved"}
        />
      </p>
      {requests.map((request) => (
        <TryView key={`${request.request_id}${request.at}`} request={request} />
      ))}
      {entries.length > 0 && (
        <section>
          <h3 className="mb-1 text-sm">What it wrote in the books</h3>
          {entries.map((entry) => (
            <EntryLines key={entry.id} entry={entry} />
          ))}
        </section>
      )}
    </div>
  );
}

function TryView({ request }: { request: Try }) {
  const copy = useCopy();
  return (
    <section className="space-y-3">
      <h3 className="font-mono text-xs [overflow-wrap:anywhere]">
        {request.method} {request.path}
        {request.query && `?${request.query}`}
      </h3>
      <Facts facts={factsOf(request)} />
      <Button
        icon={<Terminal size={14} aria-hidden />}
        onClick={() => copy(asCurl(request, window.location.origin), "Command")}
      >
        Copy as curl
      </Button>
      {request.request_body && (
        <>
          <h4 className="text-soft text-xs">Body</h4>
          <BodyView text={request.request_body} label="Body" />
        </>
      )}
      {request.response_body && (
        <>
          <h4 className="text-soft text-xs">Answer</h4>
          <BodyView text={request.response_body} label="Answer" />
        </>
      )}
    </section>
  );
}

function factsOf(request: Try): Fact[] {
  const facts: Fact[] = [
    ["Status", <HttpStatus key="status" status={request.status} />],
    ["When", <When key="when" at={request.at} />],
    ["Took", `${request.duration_ms} ms`],
    ["Who", <Id key="who" value={request.principal} />],
    ["Request", <Id key="request" value={request.request_id} />],
  ];
  if (request.problem_code) facts.push(["Problem", request.problem_code]);
  if (request.idempotency_key) facts.push(["Idempotency key", <Id key="key" value={request.idempotency_key} />]);
  if (request.replayed) facts.push(["Replayed", "The answer of the first try was given again"]);
  return facts;
}

function EntryLines({ entry }: { entry: TraceEntry }) {
  const href = `/ledger/entry/?id=${entry.id}`;
  return (
    <div className="border-rule border-t py-2">
      <Link href={href} className="font-medium underline underline-offset-4">
        {entry.description || entry.recipe}
      </Link>
      <ul className="mt-1 space-y-1">
        {entry.postings.map((posting) => (
          <li key={posting.line} className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span className="min-w-0 font-mono text-xs [overflow-wrap:anywhere]">
              <span className="text-soft">debit</span> {posting.debit}
              <br />
              <span className="text-soft">credit</span> {posting.credit}
            </span>
            <span className="ml-auto">
              <Money value={posting.amount} href={href} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
