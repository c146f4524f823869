"""What identity works with, made once per process by `app` and found by routes as the service `identity`."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

from specie.identity.model import SECOND_FACTOR_ROLES, Role, User
from specie.identity.passwords import PasswordHasher
from specie.identity.secrets import IdentityKeys
from specie.identity.store import UserRow
from specie.identity.tokens import TokenSigner
from specie.kernel.ids import UserId
from specie.kernel.scope import Mode
from specie.platform.mail import Mailer
from specie.platform.vault import KeyRing

SERVICE = "identity"


@dataclass(frozen=True, slots=True)
class Identity:
    """Keys, password hasher, token signer, mail and the address of the installation.

    With `is_production` money in live tenants is real, and their staff needs a second factor.
    """

    keys: IdentityKeys = field(repr=False)
    signer: TokenSigner = field(repr=False)
    hasher: PasswordHasher
    mailer: Mailer
    public_url: str
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    is_production: bool = False

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the installation over TLS; without it cookies cannot be `Secure`."""
        return self.public_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the installation, as browsers send it."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def misses_second_factor(self, role: str | None, mode: Mode, *, has_one: bool, is_by_provider: bool) -> bool:
        """Whether a member has to set a second factor up before working in a tenant of this mode.

        A platform admin has to in a sandbox as well, for all tenants are made and listed from there too. Whoever came
        in through the organisation's own provider has shown there what it asks of its people.
        """
        is_real = mode is Mode.LIVE or role == Role.PLATFORM_ADMIN
        is_asked = self.is_production and is_real and role in SECOND_FACTOR_ROLES
        return is_asked and not has_one and not is_by_provider

    def opened(self, row: UserRow) -> User:
        """A user with its personal data unsealed."""
        email = self.keys.open_text(row.data_key, row.email_sealed, row.id, "email")
        name = self.keys.open_text(row.data_key, row.name_sealed, row.id, "name")
        return User(UserId(row.id), email, name, row.totp_enabled, row.is_disabled)


def build(
    *,
    signing_key: bytes,
    ring: KeyRing,
    mailer: Mailer,
    public_url: str,
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = (),
    is_production: bool = False,
    hasher: PasswordHasher | None = None,
) -> Identity:
    """Identity for one installation; `signing_key` is the installation's secret, `ring` its master keys."""
    keys = IdentityKeys(signing_key, ring)
    signer = TokenSigner(keys.derived("access token"), public_url)
    return Identity(keys, signer, hasher or PasswordHasher(), mailer, public_url, trusted_proxies, is_production)
