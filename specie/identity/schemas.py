"""Wire shapes of identity."""

from datetime import datetime, time
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from specie.identity.key_text import KeyText
from specie.identity.keys import DEFAULT_DAYS, LONGEST_OVERLAP_HOURS
from specie.identity.model import ApiKey, Branding, Member, Membership, Role, SessionInfo, Tenant, User
from specie.kernel.ids import ApiKeyId, MembershipId
from specie.kernel.permissions import Permission
from specie.kernel.scope import Scope
from specie.platform.http import Schema
from specie.platform.wire import one_line

Email = Annotated[str, Field(max_length=254, examples=["sri@example.com"])]
Password = Annotated[str, Field(max_length=128)]
Code = Annotated[str, Field(max_length=40, description="A code of the authenticator app, or a recovery code")]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(one_line)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$", examples=["warung-kopi"])]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
CutOff = Annotated[time, Field(strict=False, description="HH:MM; from then on it is the next business day")]


class LoginIn(Schema):
    """Who signs in. `code` is asked for when a second factor is on."""

    email: Email
    password: Password
    totp_code: Code | None = None
    tenant_id: str | None = None


class RegisterIn(Schema):
    """Somebody who signs up as a customer of a tenant.

    When none is named it is the oldest; where no real money moves, its sandbox.
    """

    email: Email
    password: Password
    name: Name
    phone: Annotated[str, Field(max_length=40)] | None = None
    tenant: Slug | None = None


class RefreshIn(Schema):
    """A refresh token to exchange."""

    refresh_token: Annotated[str, Field(max_length=200)]


class TokensOut(Schema):
    """A pair of tokens; the access token lives ten minutes."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int = 600


class PasswordIn(Schema):
    """A change of password."""

    current_password: Password
    new_password: Password


class ResetRequestIn(Schema):
    """Where to send a reset link."""

    email: Email


class ResetIn(Schema):
    """A new password by reset link."""

    token: Annotated[str, Field(max_length=200)]
    new_password: Password


class CodeIn(Schema):
    """A code."""

    code: Code


class StepUpIn(Schema):
    """Who one is, once more."""

    password: Password
    totp_code: Code | None = None


class EnrolmentOut(Schema):
    """What an authenticator app needs, shown once."""

    seed: str
    uri: str
    qr_svg: str


class RecoveryCodesOut(Schema):
    """Codes that each work once when the authenticator is lost; shown this once."""

    recovery_codes: list[str]


class UserOut(Schema):
    """A person."""

    id: str
    email: str
    name: str
    totp_enabled: bool

    @classmethod
    def of(cls, user: User) -> "UserOut":
        """The wire form."""
        return cls(id=str(user.id), email=user.email, name=user.name, totp_enabled=user.totp_enabled)


class BrandingOut(Schema):
    """The colours of hosted pages."""

    primary_colour: str
    accent_colour: str


class TenantOut(Schema):
    """A tenant."""

    id: str
    slug: str
    name: str
    mode: str
    twin_id: str
    time_zone: str
    cut_off: str
    branding: BrandingOut
    created_at: datetime

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantOut":
        """The wire form."""
        return cls(
            id=str(tenant.id),
            slug=tenant.slug,
            name=tenant.name,
            mode=tenant.mode.value,
            twin_id=str(tenant.twin_id),
            time_zone=tenant.time_zone,
            cut_off=f"{tenant.cut_off:%H:%M}",
            branding=BrandingOut(
                primary_colour=tenant.branding.primary_colour, accent_colour=tenant.branding.accent_colour
            ),
            created_at=tenant.created_at,
        )


class BrandingIn(Schema):
    """The colours of hosted pages."""

    primary_colour: Colour
    accent_colour: Colour

    def branding(self) -> Branding:
        """The typed colours."""
        return Branding(self.primary_colour, self.accent_colour)


class TenantIn(Schema):
    """A tenant to make; its sandbox is made with it."""

    name: Name
    slug: Slug
    time_zone: Annotated[str, Field(max_length=60, examples=["Asia/Jakarta"])] = "UTC"
    cut_off: CutOff = time(0, 0)


class TenantChange(Schema):
    """What to change of a tenant; a field left out stays as it is."""

    name: Name | None = None
    time_zone: Annotated[str, Field(max_length=60)] | None = None
    cut_off: CutOff | None = None
    branding: BrandingIn | None = None

    def changes(self) -> dict[str, object]:
        """The typed changes that were given."""
        found: dict[str, object] = {
            name: getattr(self, name) for name in ("name", "time_zone", "cut_off") if getattr(self, name) is not None
        }
        if self.branding is not None:
            found["branding"] = self.branding.branding()
        return found


class TenantPairOut(Schema):
    """A live tenant with its sandbox."""

    live: TenantOut
    sandbox: TenantOut


class MembershipOut(Schema):
    """A role in a tenant."""

    id: str
    tenant_id: str
    tenant_name: str
    mode: str
    role: str

    @classmethod
    def of(cls, membership: Membership) -> "MembershipOut":
        """The wire form."""
        return cls(
            id=str(MembershipId(membership.id)),
            tenant_id=str(membership.tenant_id),
            tenant_name=membership.tenant_name,
            mode=membership.mode.value,
            role=membership.role.value,
        )


class MeOut(Schema):
    """Who is signed in, where, and what they may do.

    With `second_factor_missing` only one's own account opens until a second factor is set up.
    """

    user: UserOut
    tenant: TenantOut
    role: str
    permissions: list[str]
    party_id: str | None
    memberships: list[MembershipOut]
    csrf_token: str | None
    second_factor_missing: bool

    @classmethod
    def of(
        cls, scope: Scope, user: User, tenant: Tenant, memberships: list[Membership], csrf_token: str | None
    ) -> "MeOut":
        """The wire form of somebody who misses no second factor."""
        here = next((one.role.value for one in memberships if one.tenant_id == scope.tenant_id), "")
        return cls(
            user=UserOut.of(user),
            tenant=TenantOut.of(tenant),
            role=here,
            permissions=sorted(scope.permissions),
            party_id=str(scope.party_id) if scope.party_id else None,
            memberships=[MembershipOut.of(one) for one in memberships],
            csrf_token=csrf_token,
            second_factor_missing=False,
        )


class SwitchIn(Schema):
    """The tenant to work in."""

    tenant_id: str


class SessionOut(Schema):
    """One log-in."""

    id: str
    kind: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str | None
    agent: str
    current: bool

    @classmethod
    def of(cls, session: SessionInfo, scope: Scope) -> "SessionOut":
        """The wire form."""
        return cls(
            id=str(session.id),
            kind=session.kind,
            created_at=session.created_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            address=session.address,
            agent=session.agent,
            current=session.id == scope.session_id,
        )


class SessionsOut(Schema):
    """All running sessions of a person."""

    data: list[SessionOut]


class MemberIn(Schema):
    """Somebody to let in. A person without an account yet sets a password by reset link."""

    email: Email
    name: Name
    role: Annotated[Role, Field(strict=False)]
    party_id: str | None = None


class MemberChange(Schema):
    """Another role for a member."""

    role: Annotated[Role, Field(strict=False)]
    party_id: str | None = None


class MemberOut(Schema):
    """A person with a role here."""

    id: str
    user: UserOut
    role: str
    party_id: str | None
    created_at: datetime

    @classmethod
    def of(cls, member: Member) -> "MemberOut":
        """The wire form."""
        return cls(
            id=str(MembershipId(member.id)),
            user=UserOut.of(member.user),
            role=member.role.value,
            party_id=str(member.party_id) if member.party_id else None,
            created_at=member.created_at,
        )


class ApiKeyIn(Schema):
    """A key to make."""

    name: Name
    permissions: Annotated[
        list[Annotated[Permission, Field(strict=False)]], Field(min_length=1, examples=[["payments:create"]])
    ]
    networks: Annotated[list[str], Field(max_length=50)] = []  # noqa: RUF012
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] = DEFAULT_DAYS

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, values: list[str]) -> list[str]:
        return _networks(values)


class ApiKeyChange(Schema):
    """What to change of a key; a field left out stays as it is. An empty list of networks means from anywhere."""

    name: Name | None = None
    networks: Annotated[list[str], Field(max_length=50)] | None = None

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, values: list[str] | None) -> list[str] | None:
        return None if values is None else _networks(values)


def _networks(values: list[str]) -> list[str]:
    return [str(ip_network(value)) for value in values]


class RotateIn(Schema):
    """How long the old key stays valid beside the new one."""

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_HOURS)] = 24


class ApiKeyOut(Schema):
    """A key; its text is only in the answer that made it."""

    id: str
    name: str
    hint: str
    permissions: list[str]
    party_id: str | None
    networks: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    rotated_to: str | None
    last_used_at: datetime | None
    last_used_address: str | None
    key: str | None = None

    @classmethod
    def of(cls, key: ApiKey, text: KeyText | None = None) -> "ApiKeyOut":
        """The wire form; with the text it is shown this once."""
        return cls(
            id=str(ApiKeyId(key.id)),
            name=key.name,
            hint=key.hint,
            permissions=list(key.permissions),
            party_id=str(key.party_id) if key.party_id else None,
            networks=list(key.networks),
            created_by=key.created_by,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            rotated_to=str(ApiKeyId(key.rotated_to)) if key.rotated_to else None,
            last_used_at=key.last_used_at,
            last_used_address=key.last_used_address,
            key=text.full if text else None,
        )
