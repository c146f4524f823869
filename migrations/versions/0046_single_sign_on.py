"""Single sign-on: the provider a tenant trusts, whom it has named before, and sign-ins under way."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.sso_provider (
        tenant_id uuid primary key,
        name text not null check (name <> ''),
        issuer text not null,
        client_id text not null check (client_id <> ''),
        client_secret bytea not null,
        domains text[] not null,
        role text,
        is_enabled boolean not null,
        version integer not null check (version > 0),
        updated_at timestamptz not null,
        -- Whoever comes for the first time becomes a member only by a domain, and then in a named role.
        constraint sso_role_of_domains check ((role is null) = (cardinality(domains) = 0))
    );

    create table specie.sso_subject (
        tenant_id uuid not null,
        issuer text not null,
        subject bytea not null,
        user_id uuid not null references specie.app_user (id),
        linked_at timestamptz not null,
        primary key (tenant_id, issuer, subject),
        constraint sso_subject_once unique (tenant_id, issuer, user_id)
    );

    -- Found before a tenant is known, by the digest of what the browser holds; the rest is sealed.
    create table specie.sso_attempt (
        digest bytea primary key check (length(digest) = 32),
        of_tenant uuid not null,
        sealed bytea not null,
        expires_at timestamptz not null
    );
    create index sso_attempt_old on specie.sso_attempt (expires_at);

    -- A session that a tenant's own provider has opened works in that tenant and its twin only.
    alter table specie.session add column sso_tenant uuid;
    """)
    protect("sso_provider", grants="select, insert, update, delete")
    protect("sso_subject", grants="select, insert")
    lookup("sso_attempt", grants="select, insert, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
