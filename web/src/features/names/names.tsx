"use client";

import { pageOfId } from "@/features/shell/page-of-id";
import { Id, shortId } from "@/ui/id";
import { Link } from "@/ui/link";
import { actorWords, idIn } from "./id-in";
import { useName } from "./use-name";

/** The name of what an id means, with the id in the title; the id itself to copy where there is no name to show. */
export function Named({ id }: { id: string | null | undefined }) {
  const name = useName(id);
  if (!name || !id) return <Id value={id} />;
  return <span title={id}>{name}</span>;
}

/** Who did it: a person or key by name, a job by what it is called. */
export function Actor({ value }: { value: string }) {
  const name = useName(value);
  if (name) return <span title={value}>{name}</span>;
  if (idIn(value)) return <Id value={value} />;
  return <span title={value}>{actorWords(value)}</span>;
}

/** A thing: by its name or its shortened id, as a link where it has a page. */
export function Thing({ id }: { id: string }) {
  const name = useName(id);
  const href = pageOfId(id);
  if (!href) return <Named id={id} />;
  return (
    <Link href={href} title={id} className="underline decoration-rule-strong/50 underline-offset-4">
      {name ?? <span className="whitespace-nowrap font-mono text-xs">{shortId(id)}</span>}
    </Link>
  );
}

/** One part of an account's code, by name where it is an id. */
export function CodePart({ part }: { part: string }) {
  return useName(part) ?? shortId(part);
}
