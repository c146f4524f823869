"""Purchases whose goods were offered before their prices were kept can no longer be paid: nobody knows what was agreed.

They end as any purchase that nobody pays in time. Where tenders are set aside already, the payment decides first.
"""

from alembic import op

from migrations.helpers import for_each_tenant

revision = "0100"
down_revision = "0099"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for_each_tenant("""
    update specie.purchase p set expires_at = p.created_at
      from specie.purchase_goods g
     where p.tenant_id = tenant and p.state in ('open', 'held') and g.tenant_id = p.tenant_id and g.purchase_id = p.id
       and g.lines @> '[{"unit_price_minor": null}]'
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
