import type { Schemas } from "@/client/schemas";

export type Bill = Schemas["BillOut"];
export type BillDetail = Schemas["BillDetail"];
export type Order = Schemas["PurchaseOrderOut"];
export type OrderDetail = Schemas["PurchaseOrderDetail"];
export type SupplierPayout = Schemas["SupplierPayoutOut"];
export type Ages = Schemas["PayableAgesOut"];

/** What a state means to somebody who looks at a bill. */
export const MEANING: Record<string, string> = {
  held: "It differs from its order or from what came. Nothing of it is owed.",
  rejected: "Refused; the supplier may send it again.",
  open: "We owe it.",
  part_paid: "Some of it has been paid.",
  paying: "A payout of it is under way. It is paid when the money has arrived.",
  paid: "Nothing is owed.",
  void: "Taken back in full before it was paid, or withdrawn.",
};

export const billHref = (bill: { id: string }) => `/bills/view/?id=${bill.id}`;
export const orderHref = (order: { id: string }) => `/purchase-orders/view/?id=${order.id}`;

/** Bills by supplier and currency, each supplier's longest due first; whoever sent `first` stands at the top. */
export function bySupplier(bills: Bill[], first: string | null): [Bill, ...Bill[]][] {
  const groups = new Map<string, [Bill, ...Bill[]]>();
  for (const bill of bills.toSorted((one, other) => one.due_on.localeCompare(other.due_on))) {
    const key = bill.supplier_id + bill.owed.currency;
    const group = groups.get(key);
    if (group) group.push(bill);
    else groups.set(key, [bill]);
  }
  const isFirst = (group: Bill[]) => Number(group.some((bill) => bill.id === first));
  return [...groups.values()].toSorted((one, other) => isFirst(other) - isFirst(one));
}

/** How much of an order's lines came or was billed, as people say it. */
export function progressOf(lines: { quantity: string; received: string; billed: string; is_goods: boolean }[]) {
  const done = (quantity: string, part: string) => Number(part) >= Number(quantity);
  const goods = lines.filter((line) => line.is_goods);
  return {
    received: `${goods.filter((line) => done(line.quantity, line.received)).length} of ${goods.length}`,
    billed: `${lines.filter((line) => done(line.quantity, line.billed)).length} of ${lines.length}`,
  };
}
