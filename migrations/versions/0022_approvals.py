"""Approvals: requests that a second person decides, and the lines above which one is needed."""

from alembic import op

from migrations.helpers import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.approval (
        tenant_id uuid not null,
        id uuid not null,
        kind text not null check (kind <> ''),
        subject_kind text not null,
        subject_id text not null,
        amount_minor bigint,
        currency text,
        party_id uuid,
        before jsonb not null,
        after jsonb not null,
        note text not null,
        state text not null
            constraint approval_state_known check (state in ('open', 'approved', 'refused', 'expired', 'withdrawn')),
        asked_by text not null,
        maker text not null,
        asked_at timestamptz not null,
        expires_at timestamptz not null,
        version integer not null check (version > 0),
        checker text,
        decided_at timestamptz,
        reason text,
        primary key (tenant_id, id),
        -- Whatever the program does: nobody decides their own request.
        constraint approval_by_somebody_else check (checker <> maker),
        constraint approval_decided_by_somebody check ((state in ('approved', 'refused')) = (checker is not null)),
        constraint approval_ends_once check ((state = 'open') = (decided_at is null))
    );
    create unique index approval_one_open on specie.approval (tenant_id, subject_kind, subject_id)
        where state = 'open';
    create index approval_by_state on specie.approval (tenant_id, state, id);

    create table specie.approval_line (
        tenant_id uuid not null,
        kind text not null,
        currency text not null,
        above_minor bigint not null check (above_minor >= 0),
        updated_at timestamptz not null,
        primary key (tenant_id, kind, currency)
    );

    create function specie.keep_decisions() returns trigger language plpgsql set search_path = specie, pg_temp as $$
    begin
        if old.state <> 'open' then
            raise exception 'a request that has ended stays as it is'
                using errcode = 'check_violation', constraint = 'approval_ends_once';
        end if;
        return new;
    end $$;
    create trigger approval_keeps_decisions before update on specie.approval
        for each row execute function specie.keep_decisions();
    """)
    protect("approval", grants="select, insert, update")
    protect("approval_line", grants="select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
