"""Every statement on the secrets servers sign with, and on the nonces they have used."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.payouts.tables import nonce, signing_key
from specie.platform.db import UnitOfWork


async def put_secret(uow: UnitOfWork, key_id: UUID, data_key: bytes, sealed: bytes) -> None:
    """Keep the secret of an API key; an earlier one is replaced."""
    values = {
        "data_key": data_key,
        "sealed_secret": sealed,
        "created_at": uow.now,
        "created_by": str(uow.scope.actor),
    }
    row = {"tenant_id": uow.scope.tenant_id.uuid, "key_id": key_id, **values}
    await uow.execute(
        upsert(signing_key).values(row).on_conflict_do_update(index_elements=["tenant_id", "key_id"], set_=values)
    )


async def made(uow: UnitOfWork) -> list[tuple[UUID, datetime, str]]:
    """The API keys that have a secret, since when, and who made it."""
    query = select(signing_key.c.key_id, signing_key.c.created_at, signing_key.c.created_by).where(
        signing_key.c.tenant_id == uow.scope.tenant_id.uuid
    )
    return [(row.key_id, row.created_at, row.created_by) for row in await uow.execute(query)]


async def secret_of(uow: UnitOfWork, key_id: UUID) -> tuple[bytes, bytes] | None:
    """The wrapped key and the sealed secret of an API key."""
    query = select(signing_key.c.data_key, signing_key.c.sealed_secret).where(
        signing_key.c.tenant_id == uow.scope.tenant_id.uuid, signing_key.c.key_id == key_id
    )
    row = (await uow.execute(query)).one_or_none()
    return (row.data_key, row.sealed_secret) if row else None


async def use_nonce(uow: UnitOfWork, key_id: UUID, value: str, now: datetime, forgotten_before: datetime) -> bool:
    """Use a nonce up; False for one that was used before. Old ones of the key are forgotten. Machine times."""
    mine = (nonce.c.tenant_id == uow.scope.tenant_id.uuid, nonce.c.key_id == key_id)
    await uow.execute(delete(nonce).where(*mine, nonce.c.seen_at < forgotten_before))
    row = {"tenant_id": uow.scope.tenant_id.uuid, "key_id": key_id, "nonce": value, "seen_at": now}
    statement = upsert(nonce).values(row).on_conflict_do_nothing()
    return (await uow.execute(statement.returning(nonce.c.nonce))).one_or_none() is not None
