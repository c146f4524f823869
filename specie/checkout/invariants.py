"""Queries that return no rows while hosted pages are sound."""

INVARIANTS: dict[str, str] = {
    "every hosted page has a way to it, and leads to a payment": """
        select c.tenant_id, c.id from specie.checkout c
        left join specie.checkout_token t on t.of_tenant = c.tenant_id and t.checkout_id = c.id
        left join specie.payment p on p.tenant_id = c.tenant_id and p.id = c.payment_id
        where t.checkout_id is null or p.id is null
    """,
    "every page of a purchase has a way to it": """
        select o.tenant_id, o.purchase_id from specie.order_page o
        left join specie.order_page_token t on t.of_tenant = o.tenant_id and t.purchase_id = o.purchase_id
        where t.purchase_id is null
    """,
}
