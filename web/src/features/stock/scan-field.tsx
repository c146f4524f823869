"use client";

import { type KeyboardEvent, useState } from "react";
import { api, type Page } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import type { Product } from "@/features/catalogue/contract";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";

/** A scanner types a barcode and Enter; a person types words. One match is taken at once, several are offered. */
export function ScanField({ onFound }: { onFound: (product: Product) => void }) {
  const [text, setText] = useState("");
  const [matches, setMatches] = useState<Product[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  function take(product: Product) {
    onFound(product);
    setText("");
    setMatches(null);
  }

  async function look() {
    setProblem(null);
    const query = { q: text, kind: "product", status: "active", limit: 6 };
    try {
      const { data } = await api.get<Page<Product>>("/products", query);
      const scanned = data.find((product) => product.barcode === text.trim()) ?? (data.length === 1 ? data[0] : null);
      if (scanned) take(scanned);
      else setMatches(data);
    } catch (error) {
      setProblem(asProblem(error));
    }
  }

  function press(event: KeyboardEvent) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (text.trim()) void look();
  }

  return (
    <div className="space-y-2">
      <TextField
        label="Product"
        value={text}
        autoFocus
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
        hint="Scan a barcode, or type words and press Enter"
      />
      {problem && <ErrorState problem={problem} />}
      {matches && (
        <ul aria-label="Products found" className="divide-y divide-rule rounded-md border border-rule">
          {matches.length === 0 && <li className="px-3 py-2 text-soft">No product in use fits</li>}
          {matches.map((product) => (
            <li key={product.id}>
              <button
                type="button"
                onClick={() => take(product)}
                className="flex w-full justify-between gap-3 px-3 py-2 text-left hover:bg-well"
              >
                {product.name} <span className="figures text-soft">{product.sku}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
