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


def for_each_tenant(statement: str) -> None:
    """Run a statement that writes rows of tenants once as each of them; `tenant` in it is whose turn it is.

    Row security is forced on the owner too: without a tenant, an update would silently touch no row.
    """
    op.execute(f"""
    do $each$
    declare
        tenant uuid;
    begin
        for tenant in select of_tenant from specie.tenant_lookup loop
            perform set_config('app.tenant_id', tenant::text, true);
            {statement};
        end loop;
        perform set_config('app.tenant_id', '', true);
    end $each$;
    """)
