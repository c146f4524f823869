import type { ReactNode } from "react";
import { LanguageField } from "@/features/language/language-field";
import { Wordmark } from "@/features/shell/wordmark";

/** The frame of the pages seen before logging in. */
export function OutsideFrame({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[440px] flex-col justify-center px-4 py-12">
      <div className="mb-6 flex justify-center">
        <Wordmark />
      </div>
      <div className="rounded-lg border border-rule bg-sheet p-6">
        <h1 className="text-lg">{title}</h1>
        {note && <p className="mt-1 mb-6 text-soft">{note}</p>}
        {children}
      </div>
      <div className="mx-auto mt-6 w-48">
        <LanguageField />
      </div>
    </main>
  );
}
