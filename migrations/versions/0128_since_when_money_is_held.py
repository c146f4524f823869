"""A hold says since when money is set aside: what has gone by can only be asked of the postings otherwise."""

from alembic import op

from migrations.helpers import for_each_tenant
from specie.kernel import clock

revision = "0128"
down_revision = "0121"
branch_labels = None
depends_on = None

# Processes of the release before set money aside without saying when, until they are replaced: soon after this moment.
RULE = """
alter table specie.hold
    alter column placed_at set default '{this_moment}',
    -- squawk-ignore adding-not-nullable-field
    alter column placed_at set not null;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table specie.hold add column placed_at timestamptz")
    # The first posting to a hold's own account is the one that set the money aside.
    for_each_tenant("""
    update specie.hold h
       set placed_at = (select p.recorded_at from specie.posting p
                         where p.tenant_id = tenant and p.credit_account_id = h.account_id
                         order by p.recorded_at, p.credit_version limit 1)
     where h.tenant_id = tenant
    """)
    op.execute(RULE.format(this_moment=clock.machine_now().isoformat()))


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
