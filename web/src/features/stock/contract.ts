import type { Schemas } from "@/client/schemas";

export type Warehouse = Schemas["WarehouseOut"];
export type Level = Schemas["StockLevelOut"];
export type Movement = Schemas["StockMovementOut"];
export type Moved = Schemas["StockMovedOut"];

export type Policy = Schemas["StockPolicyOut"];

export type Way = "receive" | "deliver" | "transfer" | "count" | "adjust" | "giveBack";

type WayText = { path: string; button: string; title: string; note: string };

export const WAYS: Record<Way, WayText> = {
  receive: { path: "/stock/receipts", button: "Receive", title: "Receive goods", note: "Goods in, at what they cost" },
  deliver: {
    path: "/stock/deliveries",
    button: "Deliver",
    title: "Deliver goods",
    note: "Goods out; what they cost becomes cost of goods",
  },
  transfer: {
    path: "/stock/transfers",
    button: "Transfer",
    title: "Transfer goods",
    note: "To another warehouse, at what they cost",
  },
  count: { path: "/stock/counts", button: "Count", title: "Count stock", note: "Stock becomes what was counted" },
  adjust: { path: "/stock/adjustments", button: "Adjust", title: "Adjust stock", note: "Broken, lost or found goods" },
  giveBack: {
    path: "/stock/supplier-returns",
    button: "Return",
    title: "Return goods to their supplier",
    note: "Goods out; what they cost is taken off what was received and not yet billed",
  },
};

export type DraftLine = { product_id: string; name: string; unit: string; quantity: string; cost: number | null };

export type Draft = {
  warehouse: string;
  target: string;
  direction: "in" | "out";
  day: string;
  note: string;
  lines: DraftLine[];
};

/** The body of a movement. What changes days gone by is shown first, so that sending it confirms it. */
export function bodyOf(way: Way, draft: Draft, currency: string): object {
  const cost = (line: DraftLine) => (line.cost === null ? {} : { unit_cost: { amount: line.cost, currency } });
  const goods = (line: DraftLine) => ({ product_id: line.product_id, quantity: line.quantity });
  const common = {
    warehouse_id: draft.warehouse,
    note: draft.note,
    confirmed: true,
    ...(draft.day && { effective_at: new Date(`${draft.day}T12:00`).toISOString() }),
  };
  const [first] = draft.lines;
  if (way === "receive") return { ...common, lines: draft.lines.map((line) => ({ ...goods(line), ...cost(line) })) };
  if (way === "transfer") return { ...common, to_warehouse_id: draft.target, lines: draft.lines.map(goods) };
  if (way === "adjust" && first) {
    const more = draft.direction === "in" ? cost(first) : {};
    return { ...common, direction: draft.direction, goods: { ...goods(first), ...more } };
  }
  return { ...common, lines: draft.lines.map(goods) };
}

/** A scan of what is on the list already is one more of it. */
export function withProduct(lines: DraftLine[], product: { id: string; name: string; unit: string }): DraftLine[] {
  const known = lines.find((line) => line.product_id === product.id);
  if (!known) {
    return [...lines, { product_id: product.id, name: product.name, unit: product.unit, quantity: "1", cost: null }];
  }
  return lines.map((line) => (line === known ? { ...line, quantity: oneMore(line.quantity) } : line));
}

function oneMore(quantity: string): string {
  const match = /^(\d+)(\.\d+)?$/.exec(quantity.trim());
  return match ? `${BigInt(match[1] ?? "0") + 1n}${match[2] ?? ""}` : "1";
}
