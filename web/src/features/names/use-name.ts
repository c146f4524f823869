"use client";

import { useQuery } from "@tanstack/react-query";
import { api, type Page } from "@/client/api";
import type { Problem } from "@/client/problem";
import type { Schemas } from "@/client/schemas";
import { useCan, useSession } from "@/features/identity/session";
import { idIn } from "./id-in";

type Names = Record<string, string>;
type Source = { needs: string; path: (id: string) => string; read: (path: string) => Promise<Names> };

const MOST = 100;

// People, keys and connections are few and read at once; customers are many, and only the ones on screen are read.
const SOURCES: Record<string, Source> = {
  usr: { needs: "members:read", path: () => "/members", read: readMembers },
  key: { needs: "api_keys:read", path: () => "/api-keys", read: readKeys },
  con: { needs: "providers:read", path: () => "/connections", read: readConnections },
  pty: { needs: "parties:read", path: (id) => `/parties/${id}`, read: readParty },
};

/** What people call the thing whose id is in the text, as far as the reader may know it; else null. */
export function useName(text: string | null | undefined): string | null {
  const can = useCan();
  const { user, party_id: ownParty } = useSession();
  const id = idIn(text ?? "");
  const source = SOURCES[id?.split("_")[0] ?? ""];
  // Who is limited to one party is told nothing of others, so there is nothing to ask.
  const isHidden = ownParty !== null && id?.startsWith("pty_") && id !== ownParty;
  const path = id && source && can(source.needs) && !isHidden ? source.path(id) : null;
  const names = useQuery<Names, Problem>({
    queryKey: ["names", path],
    queryFn: () => (source && path ? source.read(path) : {}),
    enabled: path !== null,
    staleTime: 60_000,
    retry: false,
  });
  // Oneself everybody may know, also who may not read the list of members.
  if (id === user.id) return user.name;
  return (id && names.data?.[id]) || null;
}

async function readMembers(path: string): Promise<Names> {
  const page = await api.get<Page<Schemas["MemberOut"]>>(path, { limit: MOST });
  return Object.fromEntries(page.data.map(({ user }) => [user.id, user.name]));
}

async function readKeys(path: string): Promise<Names> {
  const page = await api.get<Page<Schemas["ApiKeyOut"]>>(path, { limit: MOST });
  return Object.fromEntries(page.data.map((key) => [key.id, key.name]));
}

async function readConnections(path: string): Promise<Names> {
  const page = await api.get<Page<Schemas["ConnectionOut"]>>(path, { limit: MOST });
  return Object.fromEntries(page.data.map((connection) => [connection.id, connection.name]));
}

async function readParty(path: string): Promise<Names> {
  const party = await api.get<Schemas["PartyOut"]>(path);
  return party.name ? { [party.id]: party.name } : {};
}
