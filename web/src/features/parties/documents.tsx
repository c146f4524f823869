"use client";

import { Download } from "lucide-react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { sizeOf } from "@/lib/files";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Skeleton } from "@/ui/skeleton";
import { useStateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { PartyDocument, PartyDocuments } from "./contract";

type DocumentLink = Schemas["specie__parties__schemas__LinkOut"];

/** A party's documents; each look at one is written in the audit log by the server. */
export function Documents({ partyId }: { partyId: string }) {
  const t = useTranslations("verification");
  const documents = useThing<PartyDocuments>(`/parties/${partyId}/documents`);
  if (documents.error) return <ErrorState problem={documents.error} onRetry={() => documents.refetch()} />;
  if (!documents.data) return <Skeleton />;
  if (documents.data.data.length === 0) return <p className="text-soft">{t("noDocuments")}</p>;
  return (
    <ul className="divide-y divide-rule rounded-md border border-rule">
      {documents.data.data.map((document) => (
        <DocumentLine key={document.id} document={document} />
      ))}
    </ul>
  );
}

function DocumentLine({ document }: { document: PartyDocument }) {
  const t = useTranslations("verification");
  const wordOf = useStateWord();
  const open = useAction();
  const fetchIt = () =>
    open.run(async () => {
      const link = await api.post<DocumentLink>(`/documents/${document.id}/link`);
      window.location.assign(link.url);
    });
  return (
    <li className="p-3">
      <div className="flex items-center justify-between gap-4">
        <div className="min-w-0">
          <p className="truncate font-medium" title={document.name}>
            {document.name}
          </p>
          <p className="text-soft text-xs">
            {wordOf(document.kind)} · {sizeOf(document.size)} · <When at={document.uploaded_at} />
          </p>
        </div>
        <Button icon={<Download size={14} aria-hidden />} busy={open.busy} onClick={fetchIt}>
          {t("download")}
        </Button>
      </div>
      {open.problem && <ErrorState problem={open.problem} />}
    </li>
  );
}
