"""API keys: made, listed, rotated with an overlap, revoked."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from specie import audit, events
from specie.identity import access_store
from specie.identity import events as facts
from specie.identity.errors import RoleTooHigh
from specie.identity.key_text import KeyText, new_key
from specie.identity.model import KEY_PERMISSIONS, ApiKey
from specie.identity.service import permissions_beyond
from specie.identity.wiring import Identity
from specie.kernel.errors import Conflict, InvalidField, NotFound
from specie.kernel.ids import ApiKeyId, uuid7
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork

KeyRotated = Callable[[UnitOfWork, ApiKeyId, ApiKeyId], Awaitable[None]]

DEFAULT_DAYS = 365
LONGEST_OVERLAP_HOURS = 168


_rotated: list[KeyRotated] = []


def on_key_rotated(callback: KeyRotated) -> None:
    """Run `callback` in the unit of work in which a key, named first, gets a successor."""
    if callback not in _rotated:
        _rotated.append(callback)


class KeyEnded(Conflict):
    """A key that was revoked or replaced cannot be replaced again."""

    code = "api_key_ended"
    title = "The key has ended"


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key may do, from where, and for how long."""

    name: str
    permissions: frozenset[Permission]
    networks: tuple[str, ...] = ()
    days: int = DEFAULT_DAYS


async def create_api_key(uow: UnitOfWork, identity: Identity, new: NewKey) -> tuple[ApiKey, KeyText]:
    """Make a key of the tenant's mode; the text is shown this once. A limited caller's key has its limits.

    Raises RoleTooHigh for a permission the caller lacks, InvalidField for one no key may have.
    """
    _require_own(uow, new.permissions)
    never = sorted(new.permissions - KEY_PERMISSIONS)
    if never:
        raise InvalidField(f"a key cannot have {', '.join(never)}", param="permissions")
    return await _add(uow, identity, new, new.permissions, None)


def _require_own(uow: UnitOfWork, permissions: Iterable[Permission]) -> None:
    """Nobody gets the text of a key that may do more than they may."""
    beyond = permissions_beyond(uow.scope, permissions)
    if beyond:
        raise RoleTooHigh(f"you cannot give {', '.join(beyond)}", permissions=beyond)


async def _add(
    uow: UnitOfWork, identity: Identity, new: NewKey, permissions: Iterable[Permission], replaces: UUID | None
) -> tuple[ApiKey, KeyText]:
    text = new_key(uow.scope.mode)
    made = ApiKey(
        id=uuid7(),
        name=new.name,
        hint=text.hint,
        permissions=tuple(sorted(permissions)),
        party_id=uow.scope.party_id,
        networks=new.networks,
        created_by=str(uow.scope.actor),
        created_at=uow.now,
        expires_at=uow.now + timedelta(days=new.days),
        revoked_at=None,
        rotated_to=None,
        last_used_at=None,
        last_used_address=None,
    )
    await access_store.add_api_key(uow, made, identity.keys.key_digest(text.secret))
    await audit.record(
        uow,
        action="api_key.create",
        subject=("api_key", str(ApiKeyId(made.id))),
        after={"name": new.name, "permissions": ",".join(made.permissions), "hint": text.hint},
    )
    await events.record(uow, facts.api_key_created(made.id, made.permissions, replaces))
    return made, text


async def list_api_keys(uow: UnitOfWork, before: UUID | None, limit: int) -> Page[ApiKey]:
    """The caller's keys, the newest first."""
    rows = await access_store.api_keys(uow, before, limit)
    return Page.cut(rows, limit, lambda key: (str(key.id),))


async def change_api_key(
    uow: UnitOfWork, key_id: ApiKeyId, *, name: str | None, networks: tuple[str, ...] | None
) -> ApiKey:
    """Give a key another name or other addresses; it counts from the next request. None leaves it as it is.

    Raises NotFound, or KeyEnded for one that was revoked or replaced.
    """
    key = await _locked(uow, key_id)
    if key.revoked_at is not None or key.rotated_to is not None or key.expires_at <= uow.now:
        raise KeyEnded("make a new key instead")
    values = {"name": name, "networks": None if networks is None else list(networks)}
    given = {field: value for field, value in values.items() if value is not None}
    if not given:
        return key
    await access_store.change_api_key(uow, key.id, given)
    await audit.record(
        uow,
        action="api_key.change",
        subject=("api_key", str(key_id)),
        before={"name": key.name, "networks": ",".join(key.networks)},
        after={"name": name or key.name, "networks": ",".join(key.networks if networks is None else networks)},
    )
    return await _locked(uow, key_id)


async def rotate_api_key(
    uow: UnitOfWork, identity: Identity, key_id: ApiKeyId, *, overlap_hours: int
) -> tuple[ApiKey, KeyText]:
    """A successor that is valid at once; the old key ends after the overlap.

    Raises NotFound, KeyEnded, or RoleTooHigh for a key that may do more than the caller.
    """
    old = await _locked(uow, key_id)
    _require_own(uow, old.permissions)
    if old.revoked_at is not None or old.rotated_to is not None:
        raise KeyEnded("make a new key instead")
    new = NewKey(old.name, frozenset(old.permissions), old.networks)
    made, text = await _add(uow, identity, new, old.permissions, old.id)
    ends = min(old.expires_at, uow.now + timedelta(hours=overlap_hours))
    await access_store.change_api_key(uow, old.id, {"rotated_to": made.id, "expires_at": ends})
    for callback in _rotated:
        await callback(uow, key_id, ApiKeyId(made.id))
    await audit.record(
        uow,
        action="api_key.rotate",
        subject=("api_key", str(key_id)),
        after={"rotated_to": str(ApiKeyId(made.id)), "expires_at": ends},
    )
    return made, text


async def revoke_api_key(uow: UnitOfWork, key_id: ApiKeyId) -> ApiKey:
    """End a key at once; one that has ended stays as it is. Raises NotFound."""
    key = await _locked(uow, key_id)
    if key.revoked_at is not None:
        return key
    await access_store.change_api_key(uow, key.id, {"revoked_at": uow.now})
    await audit.record(uow, action="api_key.revoke", subject=("api_key", str(key_id)))
    await events.record(uow, facts.api_key_revoked(key.id))
    return await _locked(uow, key_id)


async def _locked(uow: UnitOfWork, key_id: ApiKeyId) -> ApiKey:
    key = await access_store.lock_api_key(uow, key_id.uuid)
    if key is None:
        raise NotFound(f"there is no key {key_id}")
    return key
