"""Keyed hashes of the beginnings of names, by which parties whose names are sealed are found."""

from alembic import op

from migrations.helpers import for_each_tenant, protect

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

TABLES = """
-- The first 64 bits of a hash under a key the database does not have. The key's order answers a search: those with
-- one beginning, the newest first.
create table specie.party_term (
    tenant_id uuid not null,
    digest bigint not null,
    party_id uuid not null,
    primary key (tenant_id, digest, party_id),
    constraint party_term_of_party foreign key (tenant_id, party_id) references specie.party (tenant_id, id)
);
-- It finds what an erasure deletes. Being without an order, it is never taken for a walk past everybody's beginnings.
create index party_term_by_party on specie.party_term using hash (party_id);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("party_term", grants="select, insert, delete")
    # Only the program has the keys: a job of each tenant makes those findable who are here already.
    for_each_tenant("""
    insert into specie.due (tenant_id, due_at, kind, payload)
    values (specie.app_tenant(), '2000-01-01T00:00:00Z', 'parties.find_names', '{}')
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
