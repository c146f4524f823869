"""Queries that return no rows while quotes, orders, shipments and invoices say the same."""

INVARIANTS: dict[str, str] = {
    "a quote says what its newest version says": """
        select q.tenant_id, q.id as quote_id, q.version, v.newest
          from specie.sales_quote q
         cross join lateral (
               select max(version) as newest, count(*) as versions
                 from specie.sales_quote_version where tenant_id = q.tenant_id and quote_id = q.id) v
          left join specie.sales_quote_version n
               on n.tenant_id = q.tenant_id and n.quote_id = q.id and n.version = q.version
         where (v.newest, v.versions) is distinct from (q.version, q.version::bigint)
            or (n.net_minor + n.tax_minor, n.valid_until) is distinct from (q.total_minor, q.valid_until)
    """,
    "a version of a quote is the sum of its lines": """
        select v.tenant_id, v.quote_id, v.version
          from specie.sales_quote_version v
         cross join lateral (
               select coalesce(sum((line ->> 'net_minor')::bigint), 0) as net_minor,
                      coalesce(sum((select coalesce(sum((part ->> 'tax_minor')::bigint), 0)
                                      from jsonb_array_elements(line -> 'taxes') part)), 0) as tax_minor
                 from jsonb_array_elements(v.lines) line) l
         where (l.net_minor, l.tax_minor) is distinct from (v.net_minor::numeric, v.tax_minor::numeric)
    """,
    "the order of a quote belongs to one that was accepted, and comes to as much": """
        select o.tenant_id, o.id as order_id, q.state
          from specie.sales_order o
          join specie.sales_quote q on q.tenant_id = o.tenant_id and q.id = o.quote_id
         where q.state <> 'accepted'
            or (q.customer_id, q.currency, q.total_minor)
               is distinct from (o.customer_id, o.currency, o.net_minor + o.tax_minor)
    """,
    "an order has delivered what its shipments took and charged what its invoices say": """
        select l.tenant_id, l.order_id, l.n, l.delivered, s.shipped, l.invoiced, c.charged
          from specie.sales_order_line l
         cross join lateral (
               select coalesce(sum(quantity), 0) as shipped from specie.sales_shipment_line
                where tenant_id = l.tenant_id and order_id = l.order_id and n = l.n) s
         cross join lateral (
               select coalesce(sum(quantity), 0) as charged from specie.sales_charge
                where tenant_id = l.tenant_id and order_id = l.order_id and n = l.n) c
         where l.delivered <> s.shipped or l.invoiced <> c.charged
            or l.delivered > l.quantity - l.cancelled - l.credited or l.invoiced > l.quantity - l.cancelled
            or (not l.is_goods and l.delivered > 0)
    """,
    "an order's state is what its lines leave open": """
        select o.tenant_id, o.id as order_id, o.state
          from specie.sales_order o
         cross join lateral (
               select bool_and(quantity = cancelled + credited) as is_empty,
                      bool_or((invoiced < quantity - cancelled and net_minor > 0)
                              or (is_goods and delivered < quantity - cancelled - credited)) as is_open
                 from specie.sales_order_line where tenant_id = o.tenant_id and order_id = o.id) l
         where o.state <> case when l.is_empty then 'cancelled' when l.is_open then 'open' else 'done' end
    """,
    "what a shipment took of an order left the stock": """
        select s.tenant_id, s.id as shipment_id, l.shipped, m.moved
          from specie.sales_shipment s
         cross join lateral (
               select sum(quantity) * 1000000 as shipped from specie.sales_shipment_line
                where tenant_id = s.tenant_id and shipment_id = s.id) l
         cross join lateral (
               select -sum(quantity) as moved from specie.stock_movement
                where tenant_id = s.tenant_id and warehouse_id = s.warehouse_id
                  and entry_id = s.entry_id and kind = 'delivery') m
         where s.entry_id is not null and l.shipped is distinct from m.moved
    """,
    "an invoice charges for an order what its own lines say": """
        select c.tenant_id, c.invoice_id, c.n, c.quantity, l.quantity as invoiced
          from specie.sales_charge c
          join specie.billing_line l
               on l.tenant_id = c.tenant_id and l.invoice_id = c.invoice_id and l.n = c.invoice_n
          join specie.billing_invoice i on i.tenant_id = c.tenant_id and i.id = c.invoice_id
         where l.quantity <> c.quantity or i.order_id is distinct from c.order_id
    """,
    "an order gives up no more than was credited of what it charged": """
        select l.tenant_id, l.order_id, l.n, l.credited, c.credited as noted
          from specie.sales_order_line l
         cross join lateral (
               select coalesce(sum(b.quantity), 0) as credited
                 from specie.sales_charge c
                 join specie.billing_credit_line b
                      on b.tenant_id = c.tenant_id and b.invoice_id = c.invoice_id and b.n = c.invoice_n
                where c.tenant_id = l.tenant_id and c.order_id = l.order_id and c.n = l.n) c
         where l.credited > c.credited
    """,
    # A promise of a turn below one is older than this rule; its order may have lines that nothing was promised of.
    "stock promises an order what it has still to send of its goods, and none that has nothing to send": """
        with promised as (
            select tenant_id, specie.id_uuid(cause_id) as order_id, product_id, sum(wanted) as wanted,
                   min(min(turn)) over (partition by tenant_id, cause_id) as turn
              from specie.stock_reservation where cause_kind = 'sales_order'
             group by tenant_id, cause_id, product_id
        ), open as (
            select o.tenant_id, o.id as order_id, specie.id_uuid(l.product_id) as product_id,
                   sum(l.quantity - l.cancelled - l.credited - l.delivered) * 1000000 as wanted
              from specie.sales_order o
              join specie.sales_order_line l on l.tenant_id = o.tenant_id and l.order_id = o.id and l.is_goods
             where o.state = 'open'
             group by o.tenant_id, o.id, l.product_id
            having sum(l.quantity - l.cancelled - l.credited - l.delivered) > 0
        )
        select tenant_id, order_id, product_id, p.wanted as promised, o.wanted as to_send
          from promised p
          full join open o using (tenant_id, order_id, product_id)
         where p.wanted is distinct from o.wanted
           and (p.wanted is not null or exists (
               select from promised every
                where every.tenant_id = o.tenant_id and every.order_id = o.order_id and every.turn > 0))
    """,
}
