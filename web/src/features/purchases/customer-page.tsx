"use client";

import { Copy, ExternalLink } from "lucide-react";
import { useTranslations } from "use-intl";
import { useSession } from "@/features/identity/session";
import { Button } from "@/ui/button";
import { useCopy } from "@/ui/id";
import { Sheet } from "@/ui/sheet";
import { type Purchase, TENDERS } from "./contract";

/** The page where the customer pays in person: to be sent as a link, or scanned from this screen at the till. */
export function CustomerPage({ purchase }: { purchase: Purchase }) {
  const t = useTranslations("purchases");
  const copy = useCopy();
  const { party_id: party } = useSession();
  const url = purchase.page_url;
  const isOver = purchase.status !== "open" && purchase.status !== "held";
  const isBuyer = party !== null && party === purchase.customer_id;
  if (!url || isOver || isBuyer) return null;
  return (
    <Sheet title="The customer’s page">
      {/* biome-ignore lint/performance/noImgElement: a picture that the server draws; the export has no image service. */}
      <img
        src={`${new URL(url).pathname}/qr.svg`}
        alt="A code that opens the customer’s page"
        width={200}
        height={200}
        className="mx-auto rounded-md bg-white"
      />
      <p className="mt-3 text-soft text-xs">
        The customer scans it or follows the link, signs in, and chooses:{" "}
        {purchase.tenders.map((kind) => t(TENDERS[kind]).toLowerCase()).join(", ")}.
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button icon={<Copy size={14} aria-hidden />} onClick={() => copy(url, "Link")}>
          Copy the link
        </Button>
        <a href={url} className="inline-flex items-center gap-1 text-accent underline underline-offset-4">
          Open the page <ExternalLink size={12} aria-hidden="true" />
        </a>
      </div>
    </Sheet>
  );
}
