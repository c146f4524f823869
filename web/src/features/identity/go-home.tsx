"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Skeleton } from "@/ui/skeleton";
import { homeOf, useSession } from "./session";

/** Goes on to the page the role starts at. */
export function GoHome() {
  const { role } = useSession();
  const router = useRouter();
  useEffect(() => router.replace(homeOf(role)), [router, role]);
  return <Skeleton />;
}
