"""Queries that return no rows while stock is sound: quantities, layers, movements and the books say the same."""

INVARIANTS: dict[str, str] = {
    "L-16: the value of stock is the balance of its account, layer by layer": """
        select l.tenant_id, l.warehouse_id, l.product_id, a.balance_minor from specie.stock_level l
        join specie.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
        where a.balance_minor <> (
            select coalesce(sum(y.cost_minor), 0) from specie.stock_layer y
            where y.tenant_id = l.tenant_id and y.warehouse_id = l.warehouse_id and y.product_id = l.product_id)
    """,
    "what is on hand is the sum of the layers, and of the movements, which have no gap": """
        select l.tenant_id, l.warehouse_id, l.product_id from specie.stock_level l
        left join lateral (
            select coalesce(sum(m.quantity), 0) as quantity, count(*) as movements, coalesce(max(m.number), 0) as last
            from specie.stock_movement m
            where m.tenant_id = l.tenant_id and m.warehouse_id = l.warehouse_id and m.product_id = l.product_id
        ) moved on true
        where l.on_hand <> moved.quantity or l.number <> moved.movements or l.number <> moved.last
           or l.on_hand <> (
               select coalesce(sum(y.quantity), 0) from specie.stock_layer y
               where y.tenant_id = l.tenant_id and y.warehouse_id = l.warehouse_id and y.product_id = l.product_id)
    """,
    "each movement was posted at its value": """
        with worth as (
            select m.tenant_id, m.entry_id, m.warehouse_id, m.product_id, sum(m.value_minor) as minor
            from specie.stock_movement m where m.entry_id is not null
            group by m.tenant_id, m.entry_id, m.warehouse_id, m.product_id
        )
        select w.tenant_id, w.entry_id from worth w
        join specie.stock_level l on l.tenant_id = w.tenant_id and l.warehouse_id = w.warehouse_id
         and l.product_id = w.product_id
        where w.minor <> (
            select coalesce(sum(case when p.debit_account_id = l.account_id then p.amount_minor
                                     when p.credit_account_id = l.account_id then -p.amount_minor else 0 end), 0)
            from specie.posting p where p.tenant_id = w.tenant_id and p.entry_id = w.entry_id)
    """,
    # What finance books by hand, such as a correction at the end of a year, is not of the stock.
    "cost of goods is what the goods that left for customers cost": """
        select a.tenant_id, a.code, posted.minor from specie.account a
        cross join lateral (
            select coalesce(sum(case when p.debit_account_id = a.id then p.amount_minor else -p.amount_minor end), 0)
                   as minor
            from specie.posting p
            join specie.journal_entry j on j.tenant_id = p.tenant_id and j.id = p.entry_id
            where p.tenant_id = a.tenant_id and a.id in (p.debit_account_id, p.credit_account_id)
              and j.recipe like 'stock.%') posted
        where a.code like 'expense:cost-of-goods:whs\\_%' and posted.minor <> (
            select coalesce(sum(case when m.kind in ('delivery', 'return_in') then -m.value_minor
                                     else m.correction_minor end), 0)
            from specie.stock_movement m
            join specie.stock_level l on l.tenant_id = m.tenant_id and l.warehouse_id = m.warehouse_id
             and l.product_id = m.product_id
            join specie.account g on g.tenant_id = l.tenant_id and g.id = l.account_id
            where m.tenant_id = a.tenant_id and split_part(g.code, ':', 3) = split_part(a.code, ':', 3))
    """,
    "nothing is in an account of stock that has no stock": """
        select a.tenant_id, a.code from specie.account a
        where a.code like 'asset:stock:%' and a.balance_minor <> 0 and not exists (
            select from specie.stock_level l where l.tenant_id = a.tenant_id and l.account_id = a.id)
    """,
    "what is reserved is promised to somebody": """
        select l.tenant_id, l.warehouse_id, l.product_id from specie.stock_level l
        where l.reserved <> (
            select coalesce(sum(r.quantity), 0) from specie.stock_reservation r
            where r.tenant_id = l.tenant_id and r.warehouse_id = l.warehouse_id and r.product_id = l.product_id)
    """,
    "what has come back of a delivery is the sum of its returns": """
        select d.tenant_id, d.id from specie.stock_movement d
        where d.kind = 'delivery' and d.returned <> (
            select coalesce(sum(m.quantity), 0) from specie.stock_movement m
            where m.tenant_id = d.tenant_id and m.of_id = d.id and m.warehouse_id = d.warehouse_id
              and m.product_id = d.product_id)
    """,
    "nobody waits for goods that are promised to nobody": """
        select l.tenant_id, l.warehouse_id, l.product_id from specie.stock_level l
        where l.on_hand > l.reserved and exists (
            select from specie.stock_reservation r
            where r.tenant_id = l.tenant_id and r.warehouse_id = l.warehouse_id and r.product_id = l.product_id
              and r.wanted > r.quantity)
    """,
}
