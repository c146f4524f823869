"""What was decided from remembered accounts is written only where the server finds it to be so."""

from alembic import op

revision = "0133"
down_revision = "0132"
branch_labels = None
depends_on = None

# 40001 is what PostgreSQL itself says when something has changed under a transaction: make it anew.
PROVED = """
create function specie.proved(holds boolean) returns void language plpgsql as $$
begin
    if holds is not true then
        raise exception 'what was decided ahead is no longer so' using errcode = 'serialization_failure';
    end if;
end $$;
"""


def upgrade() -> None:
    op.execute(PROVED)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
