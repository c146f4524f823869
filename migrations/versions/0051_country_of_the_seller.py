"""Where the business is: an electronic invoice names the seller's country. Empty until somebody says."""

from alembic import op

revision = "0051"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table specie.billing_profile add column country text not null default ''")
    # What is there already is empty, so there is nothing to validate.
    op.execute(
        "alter table specie.billing_profile add constraint billing_profile_country check "
        "(country = '' or country ~ '^[A-Z]{2}$') not valid"
    )


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
