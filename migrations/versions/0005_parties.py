"""Parties: sealed personal data, keys, verification, documents."""

from alembic import op

from migrations.helpers import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.party (
        tenant_id uuid not null,
        id uuid not null,
        kind text not null constraint party_kind_known check (kind in ('person', 'company')),
        roles text[] not null,
        person bytea not null,
        email_index bytea,
        phone_index bytea,
        kyc_state text not null constraint party_kyc_known
            check (kyc_state in ('unverified', 'submitted', 'approved', 'rejected')),
        kyc_reason text,
        kyc_submitted_at timestamptz,
        version integer not null,
        created_at timestamptz not null,
        primary key (tenant_id, id)
    );
    create index party_by_email on specie.party (tenant_id, email_index) where email_index is not null;
    create index party_by_phone on specie.party (tenant_id, phone_index) where phone_index is not null;
    create index party_in_review on specie.party (tenant_id, kyc_submitted_at) where kyc_state = 'submitted';

    -- A key that is destroyed is null: what it sealed stays where it is, unreadable for ever.
    create table specie.party_key (
        tenant_id uuid not null,
        party_id uuid not null,
        wrapped bytea,
        destroyed_at timestamptz,
        primary key (tenant_id, party_id),
        constraint party_key_of_party foreign key (tenant_id, party_id) references specie.party (tenant_id, id),
        constraint party_key_destroyed check ((wrapped is null) = (destroyed_at is not null))
    );

    create table specie.party_document (
        tenant_id uuid not null,
        id uuid not null,
        party_id uuid not null,
        kind text not null,
        media_type text not null,
        name bytea not null,
        size integer not null,
        storage_key text not null,
        uploaded_at timestamptz not null,
        primary key (tenant_id, id),
        constraint document_of_party foreign key (tenant_id, party_id) references specie.party (tenant_id, id)
    );
    create index document_by_party on specie.party_document (tenant_id, party_id, id);

    create table specie.party_document_link (
        tenant_id uuid not null,
        digest bytea not null,
        document_id uuid not null,
        principal text not null,
        expires_at timestamptz not null,
        used_at timestamptz,
        primary key (tenant_id, digest)
    );
    """)
    protect("party", grants="select, insert, update")
    protect("party_key", grants="select, insert, update")
    protect("party_document", grants="select, insert")
    protect("party_document_link", grants="select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
