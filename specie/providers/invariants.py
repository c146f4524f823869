"""Queries that return no rows while the inbox is sound."""

INVARIANTS: dict[str, str] = {
    "every callback belongs to a connection of its tenant": """
        select c.tenant_id, c.id from specie.provider_callback c
        left join specie.provider_connection p on p.tenant_id = c.tenant_id and p.id = c.connection_id
        where p.id is null
    """,
    "every callback address leads to a connection": """
        select a.of_tenant, a.connection_id from specie.callback_path a
        left join specie.provider_connection p on p.tenant_id = a.of_tenant and p.id = a.connection_id
        where p.id is null
    """,
    "a callback that ended says when, and one that did not end well says why": """
        select tenant_id, id, state from specie.provider_callback
        where (state <> 'received' and processed_at is null)
           or (state in ('ignored', 'parked', 'dead') and reason is null)
    """,
    "bytes are kept until a callback has ended": """
        select tenant_id, id, state from specie.provider_callback
        where state in ('received', 'parked') and sealed_body is null
    """,
}
