"""Row security and grants, written once so that no table can be created without them."""

from alembic import op

APP = "specie_app"
SYSTEM = "specie_system"
AUDITOR = "specie_auditor"


def protect(table: str, *, grants: str) -> None:
    """Force row security on a tenant table: the application sees the rows of the tenant it has named, or none.

    `grants` is what the application's role may do, for example `select, insert` for an append-only table. The
    auditor may read every row; the sub-select makes the tenant a value computed once per query.
    """
    op.execute(f"""
    alter table specie.{table} enable row level security;
    alter table specie.{table} force row level security;
    create policy tenant_isolation on specie.{table}
        using (tenant_id = (select specie.app_tenant()))
        with check (tenant_id = (select specie.app_tenant()));
    create policy auditor_reads on specie.{table} for select to {AUDITOR} using (true);
    grant {grants} on specie.{table} to {APP};
    grant select on specie.{table} to {AUDITOR};
    """)


def system_may(table: str, grants: str) -> None:
    """Let the sweeping role do `grants` on the rows of every tenant, by a policy of its own."""
    op.execute(f"""
    create policy system_sweeps on specie.{table} to {SYSTEM} using (true) with check (true);
    grant {grants} on specie.{table} to {SYSTEM};
    """)


def lookup(table: str, *, grants: str) -> None:
    """Open a look-up table without business data, which is read before a tenant is known."""
    op.execute(f"""
    grant {grants} on specie.{table} to {APP};
    grant select on specie.{table} to {SYSTEM}, {AUDITOR};
    """)
