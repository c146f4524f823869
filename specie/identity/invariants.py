"""Queries that return no rows while access is whole."""

INVARIANTS: dict[str, str] = {
    "every API key is found by its digest, and every look-up leads to a key": """
        select coalesce(k.tenant_id, l.of_tenant) as tenant_id, coalesce(k.id, l.key_id) as key_id
          from specie.api_key k
          full join specie.api_key_lookup l on l.key_id = k.id and l.of_tenant = k.tenant_id and l.digest = k.digest
         where k.id is null or l.key_id is null
    """,
    "who is limited to a party has one": """
        select tenant_id, id as membership_id, role from specie.membership
         where role in ('merchant', 'customer') and party_id is null
    """,
}
