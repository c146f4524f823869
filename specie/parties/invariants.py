"""Queries that return no rows while parties are whole."""

INVARIANTS: dict[str, str] = {
    "every party has a key, or has been erased and is no longer indexed": """
        select p.tenant_id, p.id as party_id
          from specie.party p
          left join specie.party_key k on k.tenant_id = p.tenant_id and k.party_id = p.id
         where k.party_id is null
            or (k.wrapped is null and (p.email_index is not null or p.phone_index is not null))
    """,
    "who has been erased is found by nothing": """
        select distinct t.tenant_id, t.party_id
          from specie.party_term t
          join specie.party_key k on k.tenant_id = t.tenant_id and k.party_id = t.party_id
         where k.wrapped is null
    """,
    "a verification in review was submitted at some time": """
        select tenant_id, id as party_id from specie.party
         where kyc_state = 'submitted' and kyc_submitted_at is null
    """,
}
