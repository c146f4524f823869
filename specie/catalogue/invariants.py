"""Queries that return no rows while the catalogue is sound."""

INVARIANTS: dict[str, str] = {
    "a product is found by a word of its own": """
        select p.tenant_id, p.id from specie.product p
        where not exists (
            select from specie.product_word w where w.tenant_id = p.tenant_id and w.product_id = p.id)
    """,
}
