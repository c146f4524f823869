"use client";

import { Menu } from "lucide-react";
import { usePathname } from "next/navigation";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { useSession } from "@/features/identity/session";
import { NoticeBell } from "@/features/notices/bell";
import { Dialog } from "@/ui/dialog";
import { CommandPalette } from "./command-palette";
import { DeveloperDrawer } from "./developer-drawer";
import { KeyboardHelp } from "./keyboard-help";
import { currentPlace, placesFor } from "./navigation";
import { SideNavigation } from "./side-navigation";
import { useSpokenPlaces } from "./spoken-places";
import { TenantSwitcher } from "./tenant-switcher";
import { ThemeToggle } from "./theme-toggle";
import { Wordmark } from "./wordmark";

/** The frame around every page of somebody who is logged in. */
export function AppShell({ children }: { children: ReactNode }) {
  const t = useTranslations("shell");
  const me = useSession();
  const pathname = usePathname();
  const [menuOpen, setMenuOpen] = useState(false);
  const groups = useSpokenPlaces(placesFor(me.role, me.permissions));
  const current = currentPlace(pathname, groups);
  const isDeveloper = me.permissions.includes("requests:read");
  return (
    <>
      <a
        href="#content"
        className="sr-only z-50 rounded bg-accent p-3 text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:start-2"
      >
        {t("skip")}
      </a>
      {me.tenant.mode === "sandbox" && <SandboxBar />}
      <div className="mx-auto flex max-w-[1440px]">
        <nav
          aria-label={t("main")}
          className="no-print sticky top-0 hidden h-dvh w-56 shrink-0 overflow-y-auto border-rule border-e p-4 lg:block"
        >
          <div className="mb-6 px-2">
            <Wordmark />
          </div>
          <SideNavigation groups={groups} current={current} />
        </nav>
        <div className="min-w-0 flex-1">
          <header className="no-print flex items-center gap-2 border-rule border-b px-4 py-2 sm:px-6">
            <button
              type="button"
              aria-label={t("openMenu")}
              onClick={() => setMenuOpen(true)}
              className="-ms-2 rounded p-2 hover:bg-well lg:hidden"
            >
              <Menu size={18} aria-hidden="true" />
            </button>
            <TenantSwitcher />
            <div className="ms-auto flex items-center gap-1">
              <span className="me-2 hidden text-soft text-xs md:inline" title={t("zoneNote")}>
                {me.tenant.time_zone}
              </span>
              <CommandPalette groups={groups} />
              {isDeveloper && <DeveloperDrawer />}
              <NoticeBell />
              <KeyboardHelp groups={groups} />
              <ThemeToggle />
            </div>
          </header>
          <main id="content" tabIndex={-1} className="mx-auto max-w-[1200px] px-4 py-6 outline-none sm:px-6">
            <p className="mb-4 hidden text-soft text-xs print:block">
              {me.tenant.name}
              {me.tenant.mode === "sandbox" && ` · ${t("printedSandbox")}`} ·{" "}
              {t("printedZone", { zone: me.tenant.time_zone })}
            </p>
            {children}
            <p className="no-print mt-8 text-soft text-xs md:hidden">{t("allTimes", { zone: me.tenant.time_zone })}</p>
          </main>
        </div>
      </div>
      <Dialog open={menuOpen} onOpenChange={setMenuOpen} title={t("menu")} side="start">
        <nav aria-label={t("main")} onClickCapture={() => setMenuOpen(false)}>
          <SideNavigation groups={groups} current={current} />
        </nav>
      </Dialog>
    </>
  );
}

function SandboxBar() {
  const t = useTranslations("shell");
  return (
    <aside aria-label={t("sandbox")} className="sandbox-stripes px-4 py-1 text-center font-semibold text-xs">
      <span className="rounded bg-[#fde68a] px-2 py-0.5">{t("sandboxBar")}</span>
    </aside>
  );
}
