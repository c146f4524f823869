"""Queries that return no rows while the audit trail is whole; `audit.verify` recomputes the hashes."""

INVARIANTS: dict[str, str] = {
    "audit seals are numbered without gaps and follow each other": """
        select tenant_id, n, 'numbering or predecessor' as fault from (
            select tenant_id, n, prev_hash,
                   row_number() over w as expected,
                   lag(hash) over w as predecessor
            from specie.audit_seal window w as (partition by tenant_id order by n)
        ) seal
        where n <> expected
           or prev_hash is distinct from coalesce(predecessor, decode(repeat('00', 32), 'hex'))
    """,
    "every seal stands for a row": """
        select s.tenant_id, s.n, s.audit_id
        from specie.audit_seal s
        left join specie.audit a on a.tenant_id = s.tenant_id and a.id = s.audit_id
        where a.id is null
    """,
    "every audit row is sealed or waiting to be, never both": """
        select a.tenant_id, a.id
        from specie.audit a
        left join specie.audit_seal s on s.tenant_id = a.tenant_id and s.audit_id = a.id
        left join specie.audit_pending p on p.tenant_id = a.tenant_id and p.audit_id = a.id
        where (s.audit_id is null) = (p.audit_id is null)
    """,
    "the chain head is the last seal": """
        select coalesce(h.tenant_id, s.tenant_id) as tenant_id, h.n as head, s.n as last
        from specie.audit_head h
        full join (
            select distinct on (tenant_id) tenant_id, n, hash
            from specie.audit_seal order by tenant_id, n desc
        ) s on s.tenant_id = h.tenant_id
        where (h.n, h.hash) is distinct from (s.n, s.hash)
    """,
}
