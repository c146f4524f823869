"""Queries that return no rows while nobody has decided their own request and none waits for ever."""

INVARIANTS: dict[str, str] = {
    "whoever asked has not decided": """
        select tenant_id, id from specie.approval
        where checker = maker or (state in ('approved', 'refused')) <> (checker is not null)
    """,
    "an open request runs out at a planned moment": """
        select a.tenant_id, a.id from specie.approval a
        where a.state = 'open'
          and not exists (
              select from specie.due d
              where d.tenant_id = a.tenant_id and d.kind = 'approvals.expire' and d.payload ->> 'approval' = a.id::text)
          and not exists (
              select from jobs.procrastinate_jobs j where j.task_name = 'approvals.expire'
                and j.status in ('todo', 'doing') and j.args -> 'arguments' ->> 'approval' = a.id::text)
    """,
}
