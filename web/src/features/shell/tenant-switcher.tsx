"use client";

import { ChevronsUpDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { toast } from "sonner";
import { useTranslations } from "use-intl";
import { asProblem } from "@/client/problem";
import { useSession, useSessionActions } from "@/features/identity/session";
import { LanguageItems } from "@/features/language/language-items";
import { useSpokenProblem } from "@/messages/provider";
import { useStateWord } from "@/ui/state";

const ITEM = "cursor-pointer rounded px-2 py-1.5 outline-none data-[highlighted]:bg-well";

/** Which organisation's books are open, and the way to another one. */
export function TenantSwitcher() {
  const t = useTranslations("shell");
  const wordOf = useStateWord();
  const said = useSpokenProblem();
  const me = useSession();
  const { switchTenant, logOut } = useSessionActions();
  const say = (error: unknown) => toast.error(said(asProblem(error)).title);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="flex min-w-0 items-center gap-1.5 rounded px-2 py-1.5 font-medium hover:bg-well">
        <span className="truncate">{me.tenant.name}</span>
        <ChevronsUpDown size={14} aria-hidden="true" className="shrink-0 text-soft" />
        <span className="sr-only">{t("organisationAndAccount")}</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          className="z-30 w-64 rounded-md border border-rule bg-sheet p-1 shadow-float"
        >
          {me.memberships.map((membership) => (
            <DropdownMenu.Item
              key={membership.tenant_id}
              className={ITEM}
              disabled={membership.tenant_id === me.tenant.id}
              onSelect={() => void switchTenant(membership.tenant_id).catch(say)}
            >
              <span className="block truncate font-medium">
                {membership.tenant_name}
                {membership.tenant_id === me.tenant.id && <span className="text-soft"> {t("open")}</span>}
              </span>
              <span className="text-soft text-xs">
                {wordOf(membership.role)}
                {membership.mode === "sandbox" && ` · ${t("sandbox")}`}
              </span>
            </DropdownMenu.Item>
          ))}
          {me.role === "customer" && <LanguageItems />}
          <DropdownMenu.Separator className="my-1 border-rule border-t" />
          <DropdownMenu.Label className="truncate px-2 py-1 text-soft text-xs">{me.user.email}</DropdownMenu.Label>
          <DropdownMenu.Item className={ITEM} onSelect={() => void logOut().catch(say)}>
            {t("logOut")}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
