"use client";

import { useCan } from "@/features/identity/session";
import { Link } from "@/ui/link";
import { customerPage } from "./contract";

/** A document's customer by name; whoever may see customers gets to their page. */
export function CustomerLink({ id, name }: { id: string; name: string | null | undefined }) {
  const can = useCan();
  if (!can("crm:read")) return name ?? id;
  return (
    <Link href={customerPage(id)} className="underline decoration-rule-strong/50 underline-offset-4">
      {name ?? id}
    </Link>
  );
}
