"""Payments that are authorised first and captured later, in parts."""

from alembic import op

from migrations.helpers import protect

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    alter table specie.payment add column capture_mode text not null default 'automatic'
        constraint payment_capture_mode_known check (capture_mode in ('automatic', 'manual'));
    alter table specie.payment add column collected_minor bigint;
    alter table specie.payment add column authorized_until timestamptz;
    alter table specie.payment add column capturable_account_id uuid;
    -- squawk-ignore ban-drop-constraint
    alter table specie.payment drop constraint payment_paid_is_booked;
    -- Wider than before: a partly captured payment has entries, too. Rows that are there satisfied the narrower one.
    alter table specie.payment add constraint payment_paid_is_booked check (
        (state in ('paid', 'partly_captured')) = (entry_id is not null and paid_at is not null)) not valid;

    create table specie.payment_capture (
        tenant_id uuid not null,
        id uuid not null,
        payment_id uuid not null,
        attempt_id uuid not null,
        connection_id uuid not null,
        amount_minor bigint not null constraint capture_amount_positive check (amount_minor > 0),
        currency text not null,
        is_final boolean not null,
        state text not null,
        reference text not null,
        provider_ref text,
        failure text,
        tries integer not null default 0,
        leased_until timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant_id, id),
        constraint capture_reference_once unique (tenant_id, reference),
        foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id),
        foreign key (tenant_id, attempt_id) references specie.payment_attempt (tenant_id, id)
    );
    create index capture_by_payment on specie.payment_capture (tenant_id, payment_id, id);
    create trigger capture_keeps_to_edges before insert or update of state on specie.payment_capture
        for each row execute function specie.hold_to_edges('capture');

    -- squawk-ignore ban-drop-constraint
    alter table specie.provider_charge drop constraint provider_charge_disposition_check;
    alter table specie.provider_charge add constraint provider_charge_disposition_check
        check (disposition in ('payment', 'suspense', 'capture')) not valid;

    insert into specie.payment_edge (machine, from_state, to_state) values
        ('capture', 'created', 'pending'), ('capture', 'created', 'unknown'), ('capture', 'unknown', 'pending'),
        ('capture', 'created', 'succeeded'), ('capture', 'pending', 'succeeded'), ('capture', 'unknown', 'succeeded'),
        ('capture', 'created', 'failed'), ('capture', 'pending', 'failed'), ('capture', 'unknown', 'failed'),
        ('payment', 'created', 'authorized'), ('payment', 'pending', 'authorized'), ('payment', 'failed', 'authorized'),
        ('payment', 'authorized', 'partly_captured'), ('payment', 'authorized', 'paid'),
        ('payment', 'partly_captured', 'paid'), ('payment', 'partly_captured', 'partly_captured'),
        ('payment', 'authorized', 'cancelled'),
        ('payment', 'authorized', 'expired'),
        ('attempt', 'created', 'authorized'), ('attempt', 'pending', 'authorized'),
        ('attempt', 'unknown', 'authorized'), ('attempt', 'authorized', 'succeeded'),
        ('attempt', 'authorized', 'cancelled'), ('attempt', 'authorized', 'expired'),
        ('attempt', 'authorized', 'set_aside');
    """)
    protect("payment_capture", grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
