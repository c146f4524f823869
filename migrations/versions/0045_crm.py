"""Customer relations: pipelines, opportunities, activities, notes, files, views, contacts and merges."""

from alembic import op

from migrations.helpers import protect

revision = "0045"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLES = """
create table specie.crm_pipeline (
    tenant_id uuid not null,
    id uuid not null,
    name text not null check (name <> ''),
    position integer not null,
    version integer not null check (version > 0),
    created_at timestamptz not null,
    primary key (tenant_id, id)
);

create table specie.crm_stage (
    tenant_id uuid not null,
    id uuid not null,
    pipeline_id uuid not null,
    name text not null check (name <> ''),
    outcome text not null check (outcome in ('open', 'won', 'lost')),
    probability_bps integer not null check (probability_bps between 0 and 10000),
    position integer not null,
    primary key (tenant_id, id),
    constraint crm_stage_sure
        check (outcome = 'open' or probability_bps = case outcome when 'won' then 10000 else 0 end),
    foreign key (tenant_id, pipeline_id) references specie.crm_pipeline (tenant_id, id)
);
create index crm_stage_by_pipeline on specie.crm_stage (tenant_id, pipeline_id, position);

-- Whatever a text may say of somebody is sealed under the key of the party in `sealed_for`; a merge moves `party_id`.
create table specie.crm_opportunity (
    tenant_id uuid not null,
    id uuid not null,
    pipeline_id uuid not null,
    stage_id uuid not null,
    party_id uuid not null,
    sealed_for uuid not null,
    title bytea not null,
    amount_minor bigint not null check (amount_minor >= 0),
    currency text not null,
    expected_close date not null,
    owner_id uuid,
    outcome text not null check (outcome in ('open', 'won', 'lost')),
    lost_reason bytea,
    version integer not null check (version > 0),
    created_at timestamptz not null,
    created_by text not null,
    moved_at timestamptz not null,
    closed_at timestamptz,
    primary key (tenant_id, id),
    constraint crm_opportunity_closed check ((outcome = 'open') = (closed_at is null)),
    foreign key (tenant_id, pipeline_id) references specie.crm_pipeline (tenant_id, id),
    foreign key (tenant_id, stage_id) references specie.crm_stage (tenant_id, id),
    foreign key (tenant_id, party_id) references specie.party (tenant_id, id)
);
create index crm_opportunity_on_board on specie.crm_opportunity (tenant_id, pipeline_id, stage_id, expected_close, id);
create index crm_opportunity_by_party on specie.crm_opportunity (tenant_id, party_id, id);
create index crm_opportunity_by_owner on specie.crm_opportunity (tenant_id, owner_id, id) where outcome = 'open';

create table specie.crm_move (
    tenant_id uuid not null,
    opportunity_id uuid not null,
    version integer not null,
    from_stage uuid,
    to_stage uuid not null,
    at timestamptz not null,
    actor text not null,
    primary key (tenant_id, opportunity_id, version),
    foreign key (tenant_id, opportunity_id) references specie.crm_opportunity (tenant_id, id)
);

create table specie.crm_activity (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    sealed_for uuid not null,
    opportunity_id uuid,
    kind text not null check (kind in ('call', 'meeting', 'task')),
    subject bytea not null,
    owner_id uuid,
    due_at timestamptz not null,
    done_at timestamptz,
    version integer not null check (version > 0),
    created_at timestamptz not null,
    created_by text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, party_id) references specie.party (tenant_id, id),
    foreign key (tenant_id, opportunity_id) references specie.crm_opportunity (tenant_id, id)
);
create index crm_activity_open on specie.crm_activity (tenant_id, due_at, id) where done_at is null;
create index crm_activity_by_party on specie.crm_activity (tenant_id, party_id, created_at, id);
create index crm_activity_by_opportunity on specie.crm_activity (tenant_id, opportunity_id, due_at)
    where done_at is null and opportunity_id is not null;

create table specie.crm_note (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    sealed_for uuid not null,
    opportunity_id uuid,
    body bytea not null,
    mentions uuid[] not null,
    created_at timestamptz not null,
    created_by text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, party_id) references specie.party (tenant_id, id),
    foreign key (tenant_id, opportunity_id) references specie.crm_opportunity (tenant_id, id)
);
create index crm_note_by_party on specie.crm_note (tenant_id, party_id, created_at, id);

create table specie.crm_file (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    sealed_for uuid not null,
    name bytea not null,
    media_type text not null,
    size integer not null check (size > 0),
    storage_key text not null,
    created_at timestamptz not null,
    created_by text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, party_id) references specie.party (tenant_id, id)
);
create index crm_file_by_party on specie.crm_file (tenant_id, party_id, created_at, id);

create table specie.crm_contact (
    tenant_id uuid not null,
    company_id uuid not null,
    person_id uuid not null,
    sealed_for uuid not null,
    position bytea not null,
    created_at timestamptz not null,
    primary key (tenant_id, company_id, person_id),
    constraint crm_contact_of_another check (company_id <> person_id),
    foreign key (tenant_id, company_id) references specie.party (tenant_id, id),
    foreign key (tenant_id, person_id) references specie.party (tenant_id, id)
);
create index crm_contact_by_person on specie.crm_contact (tenant_id, person_id);

create table specie.crm_view (
    tenant_id uuid not null,
    id uuid not null,
    owner_id uuid not null,
    screen text not null check (screen in ('pipeline', 'customers', 'activities')),
    name text not null check (name <> ''),
    query jsonb not null,
    is_shared boolean not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create index crm_view_by_screen on specie.crm_view (tenant_id, screen, id);

create table specie.crm_merge (
    tenant_id uuid not null,
    id uuid not null,
    survivor_id uuid not null,
    merged_id uuid not null,
    at timestamptz not null,
    actor text not null,
    undone_at timestamptz,
    primary key (tenant_id, id),
    constraint crm_merge_of_two check (survivor_id <> merged_id),
    foreign key (tenant_id, survivor_id) references specie.party (tenant_id, id),
    foreign key (tenant_id, merged_id) references specie.party (tenant_id, id)
);
create unique index crm_merged_once on specie.crm_merge (tenant_id, merged_id) where undone_at is null;
create index crm_merge_by_survivor on specie.crm_merge (tenant_id, survivor_id) where undone_at is null;

create table specie.crm_merge_moved (
    tenant_id uuid not null,
    merge_id uuid not null,
    kind text not null check (kind in ('opportunity', 'activity', 'note', 'file')),
    row_id uuid not null,
    primary key (tenant_id, merge_id, kind, row_id),
    foreign key (tenant_id, merge_id) references specie.crm_merge (tenant_id, id)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    for table in ("crm_pipeline", "crm_opportunity", "crm_activity", "crm_note", "crm_file", "crm_merge"):
        protect(table, grants="select, insert, update")
    for table in ("crm_move", "crm_merge_moved"):
        protect(table, grants="select, insert")
    for table in ("crm_stage", "crm_contact", "crm_view"):
        protect(table, grants="select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
