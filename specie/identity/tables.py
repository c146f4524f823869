"""The tables of identity; those without a tenant are look-ups or belong to a person rather than to a tenant."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, CIDR, INET, JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

_Uuid = UUID(as_uuid=True)

tenant = sa.Table(
    "tenant",
    metadata,
    object_id(),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("twin_id", _Uuid, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("cut_off", sa.Time, nullable=False),
    sa.Column("branding", JSONB, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

tenant_lookup = sa.Table(
    "tenant_lookup",
    metadata,
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("of_tenant", _Uuid, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

app_user = sa.Table(
    "app_user",
    metadata,
    object_id(),
    sa.Column("email_index", sa.LargeBinary, nullable=False),
    sa.Column("data_key", sa.LargeBinary),
    sa.Column("email_sealed", sa.LargeBinary, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("password_hash", sa.Text),
    sa.Column("is_disabled", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("password_changed_at", Timestamp),
)

membership = sa.Table(
    "membership",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("user_id", _Uuid, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("party_id", _Uuid),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("invited_name", sa.LargeBinary),
)

membership_lookup = sa.Table(
    "membership_lookup",
    metadata,
    sa.Column("user_id", _Uuid, primary_key=True),
    sa.Column("of_tenant", _Uuid, primary_key=True),
)

totp = sa.Table(
    "totp",
    metadata,
    sa.Column("user_id", _Uuid, primary_key=True),
    sa.Column("seed_sealed", sa.LargeBinary, nullable=False),
    sa.Column("confirmed_at", Timestamp),
    sa.Column("last_step", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("blocked_until", Timestamp),
)

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("user_id", _Uuid, primary_key=True),
    sa.Column("number", sa.SmallInteger, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("used_at", Timestamp),
)

password_reset = sa.Table(
    "password_reset",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("user_id", _Uuid, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("used_at", Timestamp),
)

login_throttle = sa.Table(
    "login_throttle",
    metadata,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("since", Timestamp, nullable=False),
    sa.Column("blocked_until", Timestamp),
)

session = sa.Table(
    "session",
    metadata,
    object_id(),
    sa.Column("user_id", _Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary),
    sa.Column("current_tenant", _Uuid, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("seen_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("step_up_at", Timestamp, nullable=False),
    sa.Column("ended_at", Timestamp),
    sa.Column("end_reason", sa.Text),
    sa.Column("address", INET),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("sso_tenant", _Uuid),
)

refresh_token = sa.Table(
    "refresh_token",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("session_id", _Uuid, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("used_at", Timestamp),
    sa.Column("used_by", sa.LargeBinary),
)

api_key = sa.Table(
    "api_key",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("permissions", ARRAY(sa.Text), nullable=False),
    sa.Column("party_id", _Uuid),
    sa.Column("networks", ARRAY(CIDR), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("revoked_at", Timestamp),
    sa.Column("rotated_to", _Uuid),
    sa.Column("last_used_at", Timestamp),
    sa.Column("last_used_address", INET),
)

api_key_lookup = sa.Table(
    "api_key_lookup",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("of_tenant", _Uuid, nullable=False),
    sa.Column("key_id", _Uuid, nullable=False),
)

sso_provider = sa.Table(
    "sso_provider",
    metadata,
    tenant_id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("client_secret", sa.LargeBinary, nullable=False),
    sa.Column("domains", ARRAY(sa.Text), nullable=False),
    sa.Column("role", sa.Text),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

sso_subject = sa.Table(
    "sso_subject",
    metadata,
    tenant_id(),
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.LargeBinary, primary_key=True),
    sa.Column("user_id", _Uuid, nullable=False),
    sa.Column("linked_at", Timestamp, nullable=False),
)

sso_attempt = sa.Table(
    "sso_attempt",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("of_tenant", _Uuid, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
)
