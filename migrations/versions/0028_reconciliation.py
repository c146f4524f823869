"""Statements of providers and banks, what they were matched with, and what they were not."""

from alembic import op

from migrations.helpers import protect

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_FOREIGN = "references specie.recon_source (tenant_id, id)"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(f"""
    create table specie.recon_source (
        tenant_id uuid not null,
        id uuid not null,
        name text not null check (name <> ''),
        kind text not null check (kind in ('provider', 'bank')),
        connection_id uuid,
        currency text not null,
        account_id uuid not null,
        target_account_id uuid not null check (target_account_id <> account_id),
        statement_account text not null,
        csv jsonb,
        tolerance_minor bigint not null check (tolerance_minor >= 0),
        window_days integer not null check (window_days between 0 and 60),
        late_after_days integer not null check (late_after_days between 0 and 60),
        created_at timestamptz not null,
        -- How far the account's postings have been taken in as items.
        seen_version bigint not null default 0,
        seen_at timestamptz,
        primary key (tenant_id, id),
        constraint recon_source_account_once unique (tenant_id, account_id)
    );

    create table specie.recon_import (
        tenant_id uuid not null,
        id uuid not null,
        source_id uuid not null,
        format text not null check (format in ('csv', 'mt940', 'camt053', 'provider')),
        file_name text not null,
        digest text not null,
        lines integer not null check (lines >= 0),
        imported_by text not null,
        imported_at timestamptz not null,
        primary key (tenant_id, id),
        constraint recon_import_once unique (tenant_id, source_id, digest),
        foreign key (tenant_id, source_id) {_FOREIGN}
    );

    create table specie.recon_statement (
        tenant_id uuid not null,
        source_id uuid not null,
        number text not null check (number <> ''),
        import_id uuid not null,
        opening_minor bigint,
        closing_minor bigint,
        constraint recon_statement_once primary key (tenant_id, source_id, number),
        foreign key (tenant_id, source_id) {_FOREIGN}
    );

    create table specie.recon_match (
        tenant_id uuid not null,
        id uuid not null,
        source_id uuid not null,
        entry_id uuid,
        rule text not null check (rule in ('reference', 'amount', 'batch', 'sum', 'hand', 'write_off')),
        lines_minor bigint not null,
        items_minor bigint not null,
        made_by text not null,
        made_at timestamptz not null,
        note text not null,
        reopened_at timestamptz,
        reopen_entry_id uuid,
        primary key (tenant_id, id),
        foreign key (tenant_id, source_id) {_FOREIGN}
    );
    create index recon_match_by_source on specie.recon_match (tenant_id, source_id, id);
    create unique index recon_match_by_entry on specie.recon_match (tenant_id, entry_id) where entry_id is not null;
    create unique index recon_match_by_reopening on specie.recon_match (tenant_id, reopen_entry_id)
        where reopen_entry_id is not null;

    create table specie.recon_line (
        tenant_id uuid not null,
        id uuid not null,
        source_id uuid not null,
        import_id uuid not null,
        number integer not null,
        amount_minor bigint not null,
        booked_on date not null,
        reference text not null,
        batch text not null,
        key text not null,
        text text not null,
        state text not null,
        match_id uuid,
        primary key (tenant_id, id),
        constraint recon_line_state_known check (state in ('open', 'matched', 'dismissed')),
        constraint recon_line_matched_by_one check ((state = 'matched') = (match_id is not null)),
        foreign key (tenant_id, source_id) {_FOREIGN},
        foreign key (tenant_id, match_id) references specie.recon_match (tenant_id, id)
    );
    create index recon_line_open on specie.recon_line (tenant_id, source_id, id) where state = 'open';
    create index recon_line_by_reference on specie.recon_line (tenant_id, source_id, reference) where reference <> '';
    create index recon_line_by_key on specie.recon_line (tenant_id, source_id, key) where key <> '';
    create index recon_line_by_match on specie.recon_line (tenant_id, match_id) where match_id is not null;

    create table specie.recon_item (
        tenant_id uuid not null,
        source_id uuid not null,
        entry_id uuid not null,
        amount_minor bigint not null check (amount_minor <> 0),
        day date not null,
        refs text[] not null,
        batch text not null,
        title text not null,
        match_id uuid,
        primary key (tenant_id, source_id, entry_id),
        foreign key (tenant_id, source_id) {_FOREIGN},
        foreign key (tenant_id, match_id) references specie.recon_match (tenant_id, id)
    );
    create index recon_item_open on specie.recon_item (tenant_id, source_id, entry_id) where match_id is null;
    create index recon_item_by_match on specie.recon_item (tenant_id, match_id) where match_id is not null;

    create table specie.recon_exception (
        tenant_id uuid not null,
        id uuid not null,
        source_id uuid not null,
        kind text not null
            check (kind in ('unknown_line', 'missing_in_statement', 'amount_differs', 'doubled_line')),
        line_id uuid,
        entry_id uuid,
        amount_minor bigint not null,
        expected_minor bigint,
        about text not null,
        opened_at timestamptz not null,
        owner text,
        note text not null,
        resolved_at timestamptz,
        resolution text,
        version integer not null check (version > 0),
        primary key (tenant_id, id),
        constraint recon_exception_about_something check (line_id is not null or entry_id is not null),
        constraint recon_exception_says_how check ((resolved_at is null) = (resolution is null)),
        foreign key (tenant_id, source_id) {_FOREIGN},
        foreign key (tenant_id, line_id) references specie.recon_line (tenant_id, id)
    );
    create unique index recon_exception_one_by_line on specie.recon_exception (tenant_id, line_id)
        where resolved_at is null and line_id is not null;
    create unique index recon_exception_one_by_item on specie.recon_exception (tenant_id, source_id, entry_id)
        where resolved_at is null and entry_id is not null;
    create index recon_exception_open on specie.recon_exception (tenant_id, source_id, id) where resolved_at is null;
    """)
    for table in ("recon_import", "recon_statement"):
        protect(table, grants="select, insert")
    for table in ("recon_source", "recon_match", "recon_line", "recon_item", "recon_exception"):
        protect(table, grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
