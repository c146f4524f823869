"use client";

import { Keyboard } from "lucide-react";
import { useState } from "react";
import { Dialog } from "@/ui/dialog";
import { useKeys } from "@/ui/shortcuts";
import type { PlaceGroup } from "./navigation";

const KEYS: [string, string][] = [
  ["⌘K", "Find anything"],
  ["/", "Search in this list"],
  ["j  k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["e", "Export this list"],
  ["`", "Developer drawer"],
  ["Esc", "Close"],
  ["?", "This list"],
];

/** The keys there are. None is needed for anything. */
export function KeyboardHelp({ groups }: { groups: PlaceGroup[] }) {
  const [open, setOpen] = useState(false);
  useKeys((key) => key === "?" && setOpen(true));
  const places = groups.flatMap((group) => group.places).filter((place) => place.go);
  return (
    <>
      <button
        type="button"
        aria-label="Keyboard keys"
        onClick={() => setOpen(true)}
        className="hidden rounded p-2 hover:bg-well md:block"
      >
        <Keyboard size={16} aria-hidden="true" />
      </button>
      <Dialog open={open} onOpenChange={setOpen} title="Keys" description="None of them is needed for anything">
        <dl className="grid grid-cols-2 gap-x-6 gap-y-1.5">
          {[...KEYS, ...places.map((place): [string, string] => [`g ${place.go}`, place.name])].map(([keys, does]) => (
            <div key={keys} className="flex items-center justify-between gap-2">
              <dt className="text-soft">{does}</dt>
              <dd>
                <kbd className="rounded border border-rule bg-well px-1.5 py-0.5 font-mono text-xs">{keys}</kbd>
              </dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </>
  );
}
