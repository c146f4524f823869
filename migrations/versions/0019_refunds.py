"""Refunds, the entries of a payment, and whether our fee goes back with a refund."""

from alembic import op

from migrations.helpers import protect

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.payment_refund (
        tenant_id uuid not null,
        id uuid not null,
        payment_id uuid not null,
        merchant_id uuid not null,
        attempt_id uuid not null,
        connection_id uuid not null,
        amount_minor bigint not null constraint refund_amount_positive check (amount_minor > 0),
        currency text not null,
        reason text not null,
        origin text not null check (origin in ('request', 'provider')),
        state text not null,
        reference text not null,
        provider_ref text,
        parts jsonb not null,
        is_from_pending boolean not null,
        account_id uuid,
        failure text,
        tries integer not null default 0,
        leased_until timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        created_by text not null,
        primary key (tenant_id, id),
        constraint refund_reference_once unique (tenant_id, reference),
        -- What a request reserves waits in an account of its own; what the provider did by itself never waits.
        constraint refund_waits_in_account check ((origin = 'request') = (account_id is not null)),
        foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id),
        foreign key (tenant_id, attempt_id) references specie.payment_attempt (tenant_id, id)
    );
    create index refund_by_payment on specie.payment_refund (tenant_id, payment_id, id);
    -- A provider's refund is one row, whoever tells of it and however often.
    create unique index refund_provider_ref_once on specie.payment_refund (tenant_id, connection_id, provider_ref)
        where provider_ref is not null;

    create table specie.payment_entry (
        tenant_id uuid not null,
        payment_id uuid not null,
        entry_id uuid not null,
        at timestamptz not null,
        primary key (tenant_id, payment_id, entry_id),
        foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id)
    );

    -- More machines than before; rows that are there satisfied the narrower check, so nothing needs validating.
    -- squawk-ignore ban-drop-constraint
    alter table specie.payment_edge drop constraint payment_edge_machine_check;
    alter table specie.payment_edge add constraint payment_edge_machine_check
        check (machine in ('payment', 'attempt', 'refund', 'capture', 'dispute')) not valid;
    -- squawk-ignore ban-drop-constraint
    alter table specie.payment_state_change drop constraint payment_state_change_machine_check;
    alter table specie.payment_state_change add constraint payment_state_change_machine_check
        check (machine in ('payment', 'attempt', 'refund', 'capture', 'dispute')) not valid;
    insert into specie.payment_edge (machine, from_state, to_state) values
        ('refund', 'created', 'pending'), ('refund', 'created', 'unknown'), ('refund', 'unknown', 'pending'),
        ('refund', 'created', 'succeeded'), ('refund', 'pending', 'succeeded'), ('refund', 'unknown', 'succeeded'),
        ('refund', 'created', 'failed'), ('refund', 'pending', 'failed'), ('refund', 'unknown', 'failed'),
        ('refund', 'succeeded', 'failed'), ('refund', 'failed', 'succeeded');
    create trigger refund_keeps_to_edges before insert or update of state on specie.payment_refund
        for each row execute function specie.hold_to_edges('refund');

    -- Where it is kept what may still be refunded; empty until something has been collected.
    alter table specie.payment add column refundable_account_id uuid;
    alter table specie.payment_terms add column refund_fee text
        constraint terms_refund_fee check (refund_fee in ('keep', 'return'));
    """)
    protect("payment_refund", grants="select, insert, update")
    protect("payment_entry", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
