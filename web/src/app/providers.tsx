"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, Suspense, useEffect, useState } from "react";
import { Toaster } from "sonner";
import type { Problem } from "@/client/problem";
import { LanguageProvider } from "@/messages/provider";

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // Only what the server calls retryable is asked again, and at most twice.
        retry: (failures, error) => (error as Problem).retryable && failures < 2,
      },
    },
  });
}

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(newQueryClient);
  return (
    <LanguageProvider>
      <QueryClientProvider client={client}>
        {/* Pages read the address, which the export step does not know yet. */}
        <Suspense>
          {children}
          <Ready />
        </Suspense>
        <Toaster position="bottom-right" />
      </QueryClientProvider>
    </LanguageProvider>
  );
}

/** Marks the document once it answers to typing and clicks, for whoever drives a browser. */
function Ready() {
  useEffect(() => {
    document.documentElement.dataset.ready = "";
  }, []);
  return null;
}
