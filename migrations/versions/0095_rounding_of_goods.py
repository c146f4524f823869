"""How the taxes of a purchase's goods were rounded when they were agreed."""

from alembic import op

from migrations.helpers import for_each_tenant

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    alter table specie.purchase_goods add column rounding text not null default 'line'
        constraint purchase_goods_rounding check (rounding in ('line', 'total'))
    """)
    for_each_tenant("""
    update specie.purchase_goods g set rounding = p.rounding
      from specie.billing_profile p where p.tenant_id = g.tenant_id and g.tenant_id = tenant
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
