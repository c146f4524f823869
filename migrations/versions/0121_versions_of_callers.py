"""A key's look-up also tells the version of all that it found, so that whoever remembers it can have it proved."""

from alembic import op

revision = "0121"
down_revision = "0120"
branch_labels = None
depends_on = None

# Noting a use changes the key, so it comes first. Then the version is read, and what is returned only after it: what
# changes in between makes the version too old, which is found out, and never too new.
KEY_ADMISSION = """
create function specie.key_admission(p_digest bytea, p_now timestamptz, p_address inet)
returns table (tenant_id uuid, mode text, time_zone text, cut_off time, offset_seconds bigint, key_id uuid,
               permissions text[], party_id uuid, is_revoked boolean, is_expired boolean, address_allowed boolean,
               expires_at timestamptz, version text)
language plpgsql volatile as $$
declare
    ends timestamptz;
    seen text;
begin
    perform specie.key_access(p_digest, p_now, p_address);
    if not found then
        return;
    end if;
    select k.expires_at, concat_ws('/', k.xmin, t.xmin, c.xmin) into ends, seen
      from specie.api_key_lookup l
      join specie.api_key k on k.tenant_id = l.of_tenant and k.id = l.key_id
      join specie.tenant t on t.id = k.tenant_id
      left join specie.tenant_clock c on c.tenant_id = k.tenant_id
     where l.digest = p_digest;
    return query select a.*, ends, seen from specie.key_access(p_digest, p_now, p_address) a;
end $$;
"""


def upgrade() -> None:
    op.execute(KEY_ADMISSION)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
