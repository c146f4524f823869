import type { ReactNode } from "react";

type Props = { title: string; why: string; action?: ReactNode; example?: string };

/** What this place is for, why it is empty, one action and one example line. */
export function EmptyState({ title, why, action, example }: Props) {
  return (
    <div className="mx-auto max-w-md px-4 py-12 text-center">
      <p className="font-semibold text-base">{title}</p>
      <p className="mt-1 text-soft">{why}</p>
      {example && (
        <p className="mt-4 overflow-x-auto rounded-md border border-rule border-dashed px-3 py-2 text-soft text-xs">
          {example}
        </p>
      )}
      {action && <div className="mt-4 flex justify-center">{action}</div>}
    </div>
  );
}
