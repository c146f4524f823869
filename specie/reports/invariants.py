"""Queries that return no rows while the statements of every day agree with each other."""

INVARIANTS: dict[str, str] = {
    # On their own sides: assets − liabilities − equity − (income − expense), which is debits less credits of them all.
    "at the end of every day assets are liabilities, equity and result": """
        select tenant_id, currency, business_date, difference
          from (select a.tenant_id, a.currency, d.business_date, sum(sum(d.debit_minor - d.credit_minor))
                       over (partition by a.tenant_id, a.currency order by d.business_date) as difference
                  from specie.account a
                  join specie.account_day d on d.tenant_id = a.tenant_id and d.account_id = a.id
                 where a.type <> 'memo'
                 group by a.tenant_id, a.currency, d.business_date) day
         where difference <> 0
    """,
}
