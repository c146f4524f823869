"""Queries that return no rows while imports of opening positions and the books say the same."""

INVARIANTS: dict[str, str] = {
    "a line has its entry when its import is posted, and not before": """
        select l.tenant_id, l.import_id, l.number from specie.opening_line l
        join specie.opening_import i on i.tenant_id = l.tenant_id and i.id = l.import_id
        where (i.state = 'posted' and l.amount_minor <> 0) <> (l.entry_id is not null)
    """,
    "a line about an invoice has made that invoice, of as much as its account was brought": """
        select l.tenant_id, l.import_id, l.number, i.id, i.total_minor
        from specie.opening_line l
        left join specie.billing_invoice i on i.tenant_id = l.tenant_id and i.id = l.document_id
        left join specie.account a on a.tenant_id = i.tenant_id and a.id = i.account_id
        where l.kind = 'invoice' and l.entry_id is not null
          and (i.id is null or i.entry_id <> l.entry_id or i.customer_id <> l.party_id or i.number <> l.document_number
               or (i.total_minor, i.original_total_minor, i.currency) <> (l.amount_minor, l.total_minor, l.currency)
               or l.code is distinct from a.code)
    """,
    "a line about a bill has made that bill, of as much as its account was brought": """
        select l.tenant_id, l.import_id, l.number, b.id, b.net_minor
        from specie.opening_line l
        left join specie.payables_bill b on b.tenant_id = l.tenant_id and b.id = l.document_id
        left join specie.account a on a.tenant_id = b.tenant_id and a.id = b.account_id
        where l.kind = 'bill' and l.entry_id is not null
          and (b.id is null or b.entry_id <> l.entry_id or b.supplier_id <> l.party_id
               or b.their_number <> l.document_number or l.code is distinct from a.code
               or (b.net_minor, b.original_total_minor, b.currency) <> (l.amount_minor, l.total_minor, l.currency))
    """,
    "a line brought its account out of opening equity what it says": """
        select l.tenant_id, l.import_id, l.number from specie.opening_line l
        join specie.account a on a.tenant_id = l.tenant_id and a.code = l.code and a.currency = l.currency
        join specie.account e on e.tenant_id = l.tenant_id and e.code = 'equity:opening' and e.currency = l.currency
        where l.entry_id is not null and l.amount_minor <> (
            select coalesce(sum(case when (p.debit_account_id = a.id) = (a.type in ('asset', 'expense'))
                                     then p.amount_minor else -p.amount_minor end), 0)
            from specie.posting p where p.tenant_id = l.tenant_id and p.entry_id = l.entry_id
              and a.id in (p.debit_account_id, p.credit_account_id)
              and e.id in (p.debit_account_id, p.credit_account_id))
    """,
}
