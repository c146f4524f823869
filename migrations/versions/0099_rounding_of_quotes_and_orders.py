"""How the taxes of a quote and of an order were rounded when they were agreed."""

from alembic import op

from migrations.helpers import for_each_tenant

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in ("sales_quote_version", "sales_order"):
        op.execute(f"""
        alter table specie.{table} add column rounding text not null default 'line'
            constraint {table}_rounding check (rounding in ('line', 'total'))
        """)
        # Nobody wrote it down before: what the business says now is what it is most likely to have said then.
        for_each_tenant(f"""
        update specie.{table} s set rounding = p.rounding
          from specie.billing_profile p where p.tenant_id = s.tenant_id and s.tenant_id = tenant
        """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
