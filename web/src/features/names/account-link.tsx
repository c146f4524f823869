"use client";

import { shortCode } from "@/ui/id";
import { Link } from "@/ui/link";
import { useName } from "./use-name";

type Props = { id: string; code: string | null };

/** An account by its code, with the middle left out of ids, and beside it whose it is. */
export function AccountLink({ id, code }: Props) {
  return (
    <span className="font-mono text-xs [overflow-wrap:anywhere]">
      <Link href={`/ledger/account/?id=${id}`} title={code ?? id} className="underline underline-offset-4">
        {shortCode(code ?? id)}
      </Link>
      <WhoseAccount code={code} />
    </span>
  );
}

/** An account's code where it leads nowhere, and beside it whose it is. */
export function AccountCode({ id, code }: Props) {
  return (
    <span className="font-mono text-xs [overflow-wrap:anywhere]">
      <span title={code ?? id}>{shortCode(code ?? id)}</span>
      <WhoseAccount code={code} />
    </span>
  );
}

function WhoseAccount({ code }: { code: string | null }) {
  const name = useName(code);
  return name && <span className="ml-2 font-sans text-soft">{name}</span>;
}
