"""Demo data: one merchant platform with people, wallets and ninety days of business, all of it in a sandbox.

Everything is made through the services that serve real requests, so the books are as sound as any. What happened in
the past is done in a scope whose clock stands there.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from specie.app import demo_people, demo_statement, demo_story
from specie.app.demo_bank import demo_bank
from specie.app.wiring import Services, build, simulator_url
from specie.identity import access_store, service
from specie.identity.errors import SlugTaken
from specie.identity.key_text import new_key, read_key
from specie.identity.model import KEY_PERMISSIONS, ROLE_PERMISSIONS, ApiKey, Role, Tenant
from specie.identity.scopes import system_scope
from specie.identity.service import NewTenant
from specie.kernel.clock import machine_now
from specie.kernel.ids import ApiKeyId, PartyId
from specie.kernel.permissions import Permission
from specie.kernel.scope import Mode
from specie.platform.config import Settings
from specie.platform.crashpoints import crash_point
from specie.platform.secret_files import secret_file

SLUG = "warung-kopi"
DAYS = 90
_KEY_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What this installation's demo logs in with; made once, kept in the state folder for its owner alone."""

    passwords: dict[str, str]
    api_keys: dict[str, str]


def credentials(settings: Settings) -> Credentials:
    """The demo's passwords by login and its API keys by whose they are."""
    kept = json.loads(secret_file(settings.state / "secrets" / "demo.json", _fresh_credentials))
    return Credentials(kept["passwords"], kept["api_keys"])


def _fresh_credentials() -> str:
    passwords = {person.login: secrets.token_urlsafe(12) for person in demo_people.CAST}
    api_keys = {owner: new_key(Mode.SANDBOX).full for owner in ("merchant", "sandbox")}
    return json.dumps({"passwords": passwords, "api_keys": api_keys})


async def seed(settings: Settings) -> list[dict[str, str]]:
    """Make the demo unless it is there, and return its logins: `role`, `email`, `password`; last, the API keys.

    Needs `database_url`. Raises Unavailable when the database does not answer.
    """
    known = credentials(settings)
    async with demo_bank(settings, simulator_url(settings)) as bank:
        services = build(settings.model_copy(update={"simulator_url": bank.url}))
        async with services.running():
            sandbox = await _sandbox(services)
            if sandbox is not None:
                cast = await demo_people.invite(services, sandbox, known.passwords)
                merchant = ROLE_PERMISSIONS[Role.MERCHANT] & KEY_PERMISSIONS
                await _add_key(services, sandbox, known.api_keys["merchant"], merchant, cast.merchant)
                await _add_key(services, sandbox, known.api_keys["sandbox"], KEY_PERMISSIONS, None)
                await demo_story.tell(services, bank, sandbox, cast, days=DAYS)
                await demo_statement.tell(services, sandbox, days=DAYS)
                await demo_people.set_limits(services, sandbox)
    keys = [{"role": f"API key of the {owner}", "api_key": key} for owner, key in known.api_keys.items()]
    return [*_logins(known), *keys]


def _logins(known: Credentials) -> list[dict[str, str]]:
    return [
        {"role": person.title, "email": person.email, "password": known.passwords[person.login]}
        for person in demo_people.CAST
    ]


async def _sandbox(services: Services) -> Tenant | None:
    """The new demo tenant's sandbox; None when the demo exists."""
    try:
        async with services.db.begin(None) as uow:
            _, sandbox = await service.create_tenant(uow, NewTenant("Warung Kopi Nusantara", SLUG, "Asia/Jakarta"))
            crash_point("demo.tenant.made")
    except SlugTaken:
        return None
    return sandbox


async def _add_key(
    services: Services, sandbox: Tenant, text: str, permissions: frozenset[Permission], party_id: PartyId | None
) -> None:
    key = read_key(text)
    if key is None:
        raise RuntimeError("demo.json holds no API key; delete it and the demo's tenant")
    now = machine_now()
    made = ApiKey(
        id=ApiKeyId.new().uuid,
        name="Demo merchant" if party_id else "Demo sandbox",
        hint=key.hint,
        permissions=tuple(sorted(permissions)),
        party_id=party_id,
        networks=(),
        created_by="system:demo",
        created_at=now,
        expires_at=now + _KEY_LIFE,
        revoked_at=None,
        rotated_to=None,
        last_used_at=None,
        last_used_address=None,
    )
    async with services.db.begin(system_scope(sandbox, "demo")) as uow:
        await access_store.add_api_key(uow, made, services.identity.keys.key_digest(key.secret))
        crash_point("demo.key.made")
