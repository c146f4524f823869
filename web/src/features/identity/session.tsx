"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { api, onUnauthenticated, setCsrfToken } from "@/client/api";
import { useThing } from "@/client/queries";
import { InEnglish } from "@/messages/provider";
import { ErrorState } from "@/ui/error-state";
import { ViewOwnerContext } from "@/ui/saved-views";
import { Skeleton } from "@/ui/skeleton";
import { ZoneContext } from "@/ui/zone";
import type { Me } from "./contract";

/** Who is logged in, or nobody: for what is also shown before. */
export const SessionContext = createContext<Me | null>(null);

/** Who is logged in. Only for pages below `SessionGate`. */
export function useSession(): Me {
  const me = useContext(SessionContext);
  if (me === null) throw new Error("useSession needs a SessionGate above it");
  return me;
}

export function useCan(): (permission: string) => boolean {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission);
}

/** The page a role starts at. */
export function homeOf(role: string): string {
  return role === "customer" ? "/wallets/" : "/home/";
}

/** Shows its children to people who are logged in, and sends everybody else to the login. Who is no customer reads English. */
export function SessionGate({ children }: { children: ReactNode }) {
  const router = useRouter();
  const me = useThing<Me>("/me");
  useEffect(() => onUnauthenticated(() => router.replace(`/login/?next=${encodeURIComponent(here())}`)), [router]);
  if (me.error && me.error.status !== 401) {
    return (
      <main className="mx-auto max-w-xl p-4">
        <ErrorState problem={me.error} onRetry={() => me.refetch()} />
      </main>
    );
  }
  if (!me.data) return <Skeleton lines={5} />;
  // Set during render: the children's first requests already need the token.
  setCsrfToken(me.data.csrf_token ?? "");
  return (
    <SessionContext.Provider value={me.data}>
      <ZoneContext.Provider value={me.data.tenant.time_zone}>
        <ViewOwnerContext.Provider value={`${me.data.tenant.id}.${me.data.user.id}`}>
          {me.data.role === "customer" ? children : <InEnglish>{children}</InEnglish>}
        </ViewOwnerContext.Provider>
      </ZoneContext.Provider>
    </SessionContext.Provider>
  );
}

/** Logging out and changing the tenant both forget everything read so far: nothing of one tenant shows in another. */
export function useSessionActions() {
  const router = useRouter();
  const queries = useQueryClient();
  return {
    async logOut() {
      await api.post("/auth/logout");
      queries.clear();
      router.replace("/login/");
    },
    async switchTenant(tenantId: string) {
      await api.post("/me/tenant", { tenant_id: tenantId });
      queries.clear();
      window.location.assign("/");
    },
  };
}

function here(): string {
  return window.location.pathname + window.location.search;
}

/** A path of this site to go to after logging in; anything else is ignored, so a link cannot send people elsewhere. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  return next;
}
