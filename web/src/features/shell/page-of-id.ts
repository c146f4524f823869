const PAGES: Record<string, string> = {
  pay: "/payments/view/",
  po: "/payouts/view/",
  stl: "/settlements/view/",
  ofr: "/offers/view/",
  opp: "/pipeline/",
  buy: "/purchases/view/",
  stm: "/statements/view/",
  ino: "/installments/view/",
  inv: "/invoices/view/",
  rin: "/invoices/recurring/view/",
  oim: "/ledger/opening/view/",
  bil: "/bills/view/",
  por: "/purchase-orders/view/",
  quo: "/quotes/view/",
  ord: "/orders/view/",
  acct: "/ledger/account/",
  txn: "/ledger/entry/",
  wal: "/wallets/activity/",
  req: "/developers/requests/",
  evt: "/developers/events/",
  cb: "/developers/callbacks/",
  con: "/developers/connections/",
  whk: "/developers/webhooks/endpoint/",
  dlv: "/developers/webhooks/delivery/",
  pty: "/kyc/view/",
  dsp: "/payments/disputes/",
  prb: "/problems/",
  apr: "/approvals/",
  key: "/developers/keys/",
  plink: "/payment-links/",
  ben: "/payouts/accounts/",
  pob: "/payouts/batches/",
  ipl: "/installments/plans/",
};

/** The page that shows the thing with this id, or null when the text is not such an id. */
export function pageOfId(text: string): string | null {
  const id = text.trim();
  const match = /^([a-z]+)_[0-9a-z]{20,}$/.exec(id);
  const page = match?.[1] && PAGES[match[1]];
  return page ? `${page}?id=${id}` : null;
}
