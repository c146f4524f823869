"""A tenant's API keys, seen and replaced by whoever runs the installation rather than by a member of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from specie.app.wiring import Services, build
from specie.identity import access_store, store
from specie.identity.keys import rotate_api_key
from specie.identity.scopes import system_scope
from specie.kernel.errors import NotFound
from specie.kernel.ids import ApiKeyId
from specie.kernel.scope import Scope
from specie.platform.config import Settings
from specie.platform.db import UnitOfWork

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """What may be shown of a key."""

    id: ApiKeyId
    name: str
    hint: str
    expires_at: datetime
    last_used_at: datetime | None

    def data(self) -> dict[str, Any]:
        """For machines."""
        used = self.last_used_at.isoformat() if self.last_used_at else None
        about = {"id": str(self.id), "name": self.name, "hint": self.hint}
        return about | {"expires_at": self.expires_at.isoformat(), "last_used_at": used}


@dataclass(frozen=True, slots=True)
class Replaced:
    """The successor of a key; its text is nowhere else."""

    id: ApiKeyId
    text: str = field(repr=False)


async def valid_keys(settings: Settings, slug: str) -> list[Seen]:
    """The keys of a tenant that work, the newest first. Raises NotFound."""

    async def look(uow: UnitOfWork) -> list[Seen]:
        rows = await access_store.api_keys(uow, None, _MOST)
        return [
            Seen(ApiKeyId(key.id), key.name, key.hint, key.expires_at, key.last_used_at)
            for key in rows
            if key.revoked_at is None and key.expires_at > uow.now
        ]

    services = build(settings)
    async with services.running():
        return await services.db.run(await _scope(services, slug), look, label="tenant_keys.list")


async def replace_key(settings: Settings, slug: str, key_id: ApiKeyId, overlap_hours: int) -> Replaced:
    """Give a key a successor. Raises NotFound or KeyEnded."""
    services = build(settings)
    async with services.running():
        made, text = await services.db.run(
            await _scope(services, slug),
            lambda uow: rotate_api_key(uow, services.identity, key_id, overlap_hours=overlap_hours),
            label="tenant_keys.replace",
        )
    return Replaced(ApiKeyId(made.id), text.full)


async def _scope(services: Services, slug: str) -> Scope:
    tenant = await store.ask_tenant_by_slug(services.db, slug)
    if tenant is None:
        raise NotFound(f"there is no tenant {slug}")
    return system_scope(tenant, "cli")
