"use client";

import { useEffect, useState } from "react";
import { useList } from "@/client/queries";
import { useSettled } from "@/lib/settled";
import { Combobox } from "@/ui/combobox";
import type { Product } from "./contract";

type Props = {
  label: string;
  /** Which line's, for who moves between them. */
  line: number;
  className: string;
  text: string;
  /** Whether what stands here is a product's already. */
  isProduct: boolean;
  /** Whose prices are meant; without it those of the default lists. */
  customerId?: string | undefined;
  onText: (text: string) => void;
  onProduct: (product: Product, isTyped: boolean) => void;
};

const SHOWN = 12;

/** What a line sells: any words, or a product found by beginnings of its name or SKU. One whose whole name is typed is meant. */
export function ProductField({ label, line, className, text, isProduct, customerId, onText, onProduct }: Props) {
  const [isAsked, setAsked] = useState(false);
  const wanted = useSettled(text.trim());
  const query = { q: wanted || undefined, status: "active", limit: SHOWN, customer_id: customerId || undefined };
  const products = useList<Product>("/products", query, isAsked && !isProduct);
  const typed = text.trim();
  const meant = products.rows.find(({ name, sku }) => name === typed || sku === typed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is meant counts once, when it is found
  useEffect(() => {
    if (isAsked && meant && !isProduct) onProduct(meant, true);
  }, [meant?.id, isProduct]);

  return (
    <Combobox
      aria-label={label}
      data-line={line}
      maxLength={500}
      placeholder="Description or product"
      className={className}
      text={text}
      onText={onText}
      choices={isProduct ? [] : products.rows.map(({ id, name, sku }) => ({ key: id, name, note: sku }))}
      listLabel="Products"
      onChoose={({ key }) => {
        const product = products.rows.find(({ id }) => id === key);
        if (product) onProduct(product, false);
      }}
      status={products.hasMore && !isProduct ? "There are more: go on typing" : undefined}
      onFocus={() => setAsked(true)}
    />
  );
}
