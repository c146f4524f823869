"""What the request log and stored answers say of somebody can be taken out when the person is erased."""

from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # Only what was said: who asked for what and when, and that there was an answer, stay as they were written.
    op.execute("grant update (request_body, response_body) on specie.request_log to specie_app")
    op.execute("grant update (body) on specie.idempotency to specie_app")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
