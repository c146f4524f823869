"""What customers say is wrong with a movement of their wallet, and what they were answered."""

from alembic import op

from migrations.helpers import protect

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

TABLES = """
create table specie.crm_problem (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    wallet_id uuid not null,
    entry_id uuid not null,
    amount_minor bigint not null constraint crm_problem_amount check (amount_minor > 0),
    currency text not null,
    is_incoming boolean not null,
    body bytea not null,
    state text not null constraint crm_problem_state check (state in ('open', 'answered')),
    answer bytea,
    answered_at timestamptz,
    answered_by text,
    created_at timestamptz not null,
    created_by text not null,
    primary key (tenant_id, id),
    constraint crm_problem_of_party foreign key (tenant_id, party_id) references specie.party (tenant_id, id),
    constraint crm_problem_answered check (
        num_nulls(answer, answered_at, answered_by) = case when state = 'answered' then 0 else 3 end)
);
-- Of one movement one problem is open at a time.
create unique index crm_problem_open on specie.crm_problem (tenant_id, party_id, entry_id) where state = 'open';
create index crm_problem_by_state on specie.crm_problem (tenant_id, state, created_at, id);
create index crm_problem_by_party on specie.crm_problem (tenant_id, party_id, created_at, id);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("crm_problem", grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
