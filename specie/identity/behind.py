"""Which person stands behind an actor, and what that person is called."""

from collections.abc import Collection

from specie.identity import access_store, store
from specie.identity.wiring import Identity
from specie.kernel.errors import NotFound
from specie.kernel.ids import ApiKeyId, InvalidId, UserId
from specie.kernel.scope import Actor, ActorKind
from specie.platform.db import UnitOfWork

_USER = "user:"


async def person_behind(uow: UnitOfWork, actor: Actor) -> str:
    """The actor itself, or whoever made the key it acts with: a key is its maker's hand."""
    if actor.kind is not ActorKind.API_KEY:
        return str(actor)
    try:
        maker = await access_store.maker_of_key(uow, ApiKeyId.parse(actor.id).uuid)
    except InvalidId:
        maker = None
    return maker or str(actor)


async def names_of(uow: UnitOfWork, identity: Identity, actors: Collection[str]) -> dict[str, str]:
    """The names of those among these actors who are members of the tenant, by actor."""
    wanted = [UserId.parse(actor.removeprefix(_USER)).uuid for actor in actors if actor.startswith(_USER)]
    rows = await store.members_by_users(uow, wanted) if wanted else []
    return {f"{_USER}{UserId(row.user.id)}": identity.opened(row.user).name for row in rows}


async def has_address_list(uow: UnitOfWork, key_id: ApiKeyId) -> bool:
    """Whether a key of the tenant may be used from listed addresses only."""
    return bool(await access_store.networks_of_key(uow, key_id.uuid))


async def require_own_key(uow: UnitOfWork, key_id: ApiKeyId) -> None:
    """Raise NotFound unless this is a key of the caller's that has not ended."""
    key = await access_store.lock_api_key(uow, key_id.uuid)
    if key is None or key.revoked_at is not None:
        raise NotFound(f"there is no key {key_id}")


async def require_holder(uow: UnitOfWork, text: str) -> str:
    """The actor that a key's or a member's user id names. Raises NotFound unless it acts in this tenant."""
    try:
        if text.startswith(f"{ApiKeyId.prefix}_"):
            await require_own_key(uow, ApiKeyId.parse(text))
            return f"{ActorKind.API_KEY}:{text}"
        found = await store.members_by_users(uow, [UserId.parse(text).uuid])
    except InvalidId:
        found = []
    if not found:
        raise NotFound(f"there is no key or member {text}")
    return f"{_USER}{text}"
