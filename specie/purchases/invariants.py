"""Queries that return no rows while purchases, their legs and the ledger say the same."""

INVARIANTS: dict[str, str] = {
    "the lines of a purchase sum to it, and no more pieces of a line come back than were bought": """
        select l.tenant_id, l.purchase_id, sum(l.amount_minor) as lines_minor, p.amount_minor
          from specie.purchase_line l
          join specie.purchase p on p.tenant_id = l.tenant_id and p.id = l.purchase_id
          left join lateral (
               select sum(r.quantity) as quantity, sum(r.amount_minor) as amount_minor
                 from specie.purchase_refund_line r
                where r.tenant_id = l.tenant_id and r.purchase_id = l.purchase_id and r.n = l.n) back on true
         group by l.tenant_id, l.purchase_id, p.amount_minor
        having sum(l.amount_minor) <> p.amount_minor
            or bool_or(coalesce(back.quantity, 0) > l.quantity or coalesce(back.amount_minor, 0) > l.amount_minor)
    """,
    "the legs of a purchase that is held or completed sum to its total": """
        select p.tenant_id, p.id, p.amount_minor, sum(x.amount_minor) as legs_minor
          from specie.purchase p
          left join specie.purchase_leg x
               on x.tenant_id = p.tenant_id and x.purchase_id = p.id and x.attempt = p.attempt
         where p.state in ('held', 'completed')
         group by p.tenant_id, p.id
        having coalesce(sum(x.amount_minor), 0) <> p.amount_minor
    """,
    "what a held purchase has planned is set aside, and what has ended holds nothing": """
        select p.tenant_id, p.id, p.state, x.n, x.kind, x.amount_minor, h.held_minor
          from specie.purchase p
          join specie.purchase_leg x on x.tenant_id = p.tenant_id and x.purchase_id = p.id
         cross join lateral (
               select coalesce(sum(a.balance_minor), 0) as held_minor
                 from specie.hold w
                 join specie.account a on a.tenant_id = w.tenant_id and a.id = w.account_id
                where w.tenant_id = x.tenant_id and w.id = any(x.hold_ids)) h
         where case when p.state = 'held' and x.attempt = p.attempt
                    then x.kind in ('cashback', 'wallet') and h.held_minor <> x.amount_minor
                    else h.held_minor <> 0 end
    """,
    "the order and the payment of a leg are for its amount, and stand as the purchase does": """
        select p.tenant_id, p.id, p.state, x.n, x.kind, x.amount_minor
          from specie.purchase p
          join specie.purchase_leg x
               on x.tenant_id = p.tenant_id and x.purchase_id = p.id and x.attempt = p.attempt
          left join specie.installment_order o on o.tenant_id = x.tenant_id and o.id = x.order_id
          left join specie.payment c on c.tenant_id = x.tenant_id and c.id = x.payment_id
         where (x.kind = 'installments' and (
                   o.amount_minor is distinct from x.amount_minor
                   or (p.state = 'held') <> (o.state = 'reserved')
                   or (p.state = 'completed') <> (o.principal_account_id is not null)))
            or (x.kind = 'provider' and (
                   c.amount_minor is distinct from x.amount_minor
                   or (p.state = 'completed' and c.state <> 'paid')
                   or (p.state = 'held' and c.state = 'paid')))
    """,
    "what wallets paid for a purchase was posted in the entries of its legs": """
        select p.tenant_id, p.id, x.n, x.amount_minor, sum(o.amount_minor) as posted_minor
          from specie.purchase p
          join specie.purchase_leg x
               on x.tenant_id = p.tenant_id and x.purchase_id = p.id and x.attempt = p.attempt
          left join specie.posting o
               on o.tenant_id = x.tenant_id and o.entry_id = x.entry_id and not o.is_memo
         where p.state = 'completed' and x.kind in ('cashback', 'wallet')
         group by p.tenant_id, p.id, x.n, x.amount_minor
        having coalesce(sum(o.amount_minor), 0) <> x.amount_minor
    """,
    "what may still be given back of a purchase is its total less its refunds": """
        select p.tenant_id, p.id, p.amount_minor, a.balance_minor
          from specie.purchase p
          left join specie.account a on a.tenant_id = p.tenant_id and a.id = p.returnable_account_id
         where p.state = 'completed'
           and a.balance_minor is distinct from p.amount_minor - (
               select coalesce(sum(r.amount_minor), 0) from specie.purchase_refund r
                where r.tenant_id = p.tenant_id and r.purchase_id = p.id)
    """,
    "the legs of a refund sum to it": """
        select r.tenant_id, r.id, r.amount_minor, sum(x.amount_minor) as legs_minor
          from specie.purchase_refund r
          left join specie.purchase_refund_leg x on x.tenant_id = r.tenant_id and x.refund_id = r.id
         group by r.tenant_id, r.id
        having coalesce(sum(x.amount_minor), 0) <> r.amount_minor
    """,
    "after any refunds each leg has given back what one refund of their sum would have taken from it": """
        with recursive whole as (
            select p.tenant_id, p.id, p.attempt, p.amount_minor::numeric as total,
                   (select coalesce(sum(r.amount_minor), 0) from specie.purchase_refund r
                     where r.tenant_id = p.tenant_id and r.purchase_id = p.id)::numeric as back
              from specie.purchase p where p.state = 'completed'
        ), shared as (
            select w.tenant_id, w.id, w.attempt, 0 as n, w.total as whole, w.back as rest, 0::numeric as part
              from whole w
            union all
            select s.tenant_id, s.id, s.attempt, x.n, s.whole - x.amount_minor,
                   s.rest - div(s.rest * x.amount_minor, s.whole), div(s.rest * x.amount_minor, s.whole)
              from shared s
              join specie.purchase_leg x on x.tenant_id = s.tenant_id and x.purchase_id = s.id
               and x.attempt = s.attempt and x.n = s.n + 1
        )
        select s.tenant_id, s.id, s.n, s.part, sum(x.amount_minor) as given_back_minor
          from shared s
          left join specie.purchase_refund r on r.tenant_id = s.tenant_id and r.purchase_id = s.id
          left join specie.purchase_refund_leg x on x.tenant_id = r.tenant_id and x.refund_id = r.id and x.n = s.n
         where s.n > 0
         group by s.tenant_id, s.id, s.n, s.part
        having coalesce(sum(x.amount_minor), 0) <> s.part
    """,
    "a completed purchase of the catalogue has one invoice of its total and customer, and nothing of it is open": """
        select p.tenant_id, p.id, p.state, g.invoice_id, i.total_minor, a.balance_minor
          from specie.purchase p
          left join specie.purchase_goods g on g.tenant_id = p.tenant_id and g.purchase_id = p.id
          left join specie.billing_invoice i on i.tenant_id = g.tenant_id and i.id = g.invoice_id
          left join specie.account a on a.tenant_id = i.tenant_id and a.id = i.account_id
         where p.sells_goods <> (g.purchase_id is not null)
            or (g.purchase_id is not null and (p.state = 'completed') <> (g.invoice_id is not null))
            or (g.invoice_id is not null
                and (i.total_minor, i.customer_id, i.currency, a.balance_minor)
                    is distinct from (p.amount_minor, p.customer_id, p.currency, 0::bigint))
    """,
    "what came back of an invoice of the catalogue is what its purchase gave back, to the unit and the piece": """
        select g.tenant_id, g.purchase_id, x.n, x.quantity, x.minor, c.quantity as credited, c.minor as credited_minor
          from specie.purchase_goods g
          join specie.purchase_line l on l.tenant_id = g.tenant_id and l.purchase_id = g.purchase_id
         cross join lateral (
               select l.n, coalesce(sum(r.quantity), 0) as quantity, coalesce(sum(r.amount_minor), 0) as minor
                 from specie.purchase_refund_line r
                where r.tenant_id = l.tenant_id and r.purchase_id = l.purchase_id and r.n = l.n) x
         cross join lateral (
               select coalesce(sum(k.quantity), 0) as quantity, coalesce(sum(k.net_minor + k.tax_minor), 0) as minor
                 from specie.billing_credit_line k
                where k.tenant_id = l.tenant_id and k.invoice_id = g.invoice_id and k.n = l.n) c
         where (x.quantity, x.minor) is distinct from (c.quantity, c.minor)
    """,
    "each refund of the catalogue has a credit note of its amount": """
        select r.tenant_id, r.id, r.amount_minor, c.net_minor + c.tax_minor as credited_minor
          from specie.purchase_refund r
          join specie.purchase p on p.tenant_id = r.tenant_id and p.id = r.purchase_id
          left join specie.billing_credit_note c on c.tenant_id = r.tenant_id and c.id = r.credit_note_id
         where p.sells_goods <> (r.credit_note_id is not null)
            or (p.sells_goods and c.net_minor + c.tax_minor is distinct from r.amount_minor)
    """,
    "goods of a purchase that left are in stock again as far as they came back": """
        select m.tenant_id, g.purchase_id, m.id as movement_id, m.returned, back.pieces
          from specie.purchase_goods g
          join specie.stock_movement m on m.tenant_id = g.tenant_id and m.cause_kind = 'invoice'
           and m.cause_id = g.stock_cause and m.kind = 'delivery'
          join specie.purchase_line l on l.tenant_id = g.tenant_id and l.purchase_id = g.purchase_id
           and l.product_id = m.product_id
         cross join lateral (
               select coalesce(sum(r.quantity), 0) as pieces from specie.purchase_refund_line r
                where r.tenant_id = l.tenant_id and r.purchase_id = l.purchase_id and r.n = l.n) back
         where m.returned < back.pieces * 1000000 - (l.quantity::numeric * 1000000 - abs(m.quantity))
    """,
    "an order in parts for an invoice that has begun has paid its amount of the invoice, and no other has": """
        select x.tenant_id, x.order_id, x.invoice_id, o.state, r.amount_minor
          from specie.purchase_invoice_order x
          join specie.installment_order o on o.tenant_id = x.tenant_id and o.id = x.order_id
          left join specie.billing_receipt r on r.tenant_id = x.tenant_id and r.id = x.receipt_id
         where (o.principal_account_id is not null) <> (x.receipt_id is not null)
            or (x.receipt_id is not null and (
                r.amount_minor is distinct from o.amount_minor
                or not exists (
                    select 1 from specie.billing_allocation a
                     where a.tenant_id = x.tenant_id and a.source_id = x.receipt_id and a.invoice_id = x.invoice_id
                       and a.amount_minor = o.amount_minor)))
    """,
}
