"""Queries that return no rows while wallets and the ledger say the same."""

INVARIANTS: dict[str, str] = {
    "a wallet's accounts are liabilities in its currency that belong to its party": """
        select w.tenant_id, w.id as wallet_id, x.account_id
          from specie.wallet w
         cross join lateral (values (w.available_account_id), (w.pending_account_id)) as x (account_id)
          left join specie.account a on a.tenant_id = w.tenant_id and a.id = x.account_id
         where a.id is null or a.type <> 'liability' or a.currency <> w.currency
            or a.owner_party_id is distinct from w.party_id or a.floor_minor is distinct from 0
    """,
    "an open hold has an account with a floor that still holds something, an ended one has none": """
        select h.tenant_id, h.id as hold_id, h.state, a.balance_minor
          from specie.hold h
          left join specie.account a on a.tenant_id = h.tenant_id and a.id = h.account_id
         where a.id is null or a.floor_minor is distinct from 0 or a.balance_minor > h.amount_minor
            or (h.state = 'held') <> (a.balance_minor > 0)
    """,
    "every wallet account belongs to a wallet": """
        select a.tenant_id, a.id as account_id, a.code
          from specie.account a
          left join specie.wallet w on w.tenant_id = a.tenant_id
               and a.id in (w.available_account_id, w.pending_account_id)
         where a.code like 'liability:wallets:%' and a.code not like '%:held:%' and w.id is null
    """,
    "a completed transfer has its entry, a scheduled one has none": """
        select tenant_id, id as transfer_id, state
          from specie.scheduled_transfer
         where (state = 'completed') <> (entry_id is not null) or (state = 'failed') <> (failure is not null)
    """,
}
