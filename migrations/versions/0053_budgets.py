"""Budgets of people and API keys: which allowances their postings draw on."""

from alembic import op

from migrations.helpers import protect

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.budget (
        tenant_id uuid not null,
        -- As entries name it: `user:usr_…` or `api_key:key_…`. Two keys may share allowances: one replaced the other.
        actor text not null check (actor <> ''),
        currency text not null,
        source_account_id uuid not null,
        day_account_id uuid not null,
        month_account_id uuid not null,
        set_at timestamptz not null,
        primary key (tenant_id, actor, currency),
        foreign key (tenant_id, source_account_id) references specie.account (tenant_id, id),
        foreign key (tenant_id, day_account_id) references specie.account (tenant_id, id),
        foreign key (tenant_id, month_account_id) references specie.account (tenant_id, id)
    );
    """)
    protect("budget", grants="select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
