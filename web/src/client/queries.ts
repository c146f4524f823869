"use client";

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, type Page, type Query } from "./api";
import type { Problem } from "./problem";

/** One thing of the API, kept fresh. Without a path nothing is asked. */
export function useThing<Thing>(path: string | null, query?: Query, refetchInterval: number | false = false) {
  return useQuery<Thing, Problem>({
    queryKey: [path, query],
    queryFn: () => api.get<Thing>(path ?? "", query),
    enabled: path !== null,
    refetchInterval,
  });
}

/** A list with its pages joined, in the shape a `DataTable` takes. */
export function useList<Row>(path: string, query: Query = {}, enabled = true): Listing<Row> {
  const list = useInfiniteQuery<Page<Row>, Problem, { pages: Page<Row>[] }, unknown[], string | null>({
    queryKey: [path, "list", query],
    queryFn: ({ pageParam }) => api.get<Page<Row>>(path, { limit: 25, ...query, cursor: pageParam }),
    initialPageParam: null,
    getNextPageParam: (last) => (last.has_more ? last.next_cursor : null),
    placeholderData: keepPreviousData,
    enabled,
  });
  return {
    rows: list.data?.pages.flatMap((page) => page.data) ?? [],
    isLoading: list.isPending && enabled,
    error: list.error,
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    loadMore: () => void list.fetchNextPage(),
    refetch: () => void list.refetch(),
    readAll: () => readAll<Row>(path, query),
  };
}

/** No file is longer; who needs more rows reads the API. */
export const MOST_ROWS = 10_000;

async function readAll<Row>(path: string, query: Query): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Row> = await api.get<Page<Row>>(path, { ...query, limit: 100, cursor });
    rows.push(...page.data);
    cursor = page.has_more ? page.next_cursor : null;
  } while (cursor !== null && rows.length < MOST_ROWS);
  return rows;
}

export type Listing<Row> = {
  rows: Row[];
  isLoading: boolean;
  error: Problem | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  refetch: () => void;
  /** Every row of the list, shown or not, up to `MOST_ROWS`. */
  readAll: () => Promise<Row[]>;
};
