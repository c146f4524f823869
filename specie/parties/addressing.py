"""Parties as they stand on documents: read for a new one, and kept with one that has been issued."""

import orjson

from specie.kernel.ids import PartyId
from specie.parties import sealing, store
from specie.parties.errors import PartyMissing
from specie.parties.model import Addressee
from specie.parties.pens import ERASED, Pen
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

_COLUMN = "addressee"


async def freeze_addressee(uow: UnitOfWork, ring: KeyRing, party_id: PartyId, table: str, row: str) -> bytes:
    """How a party stands on a document from now on, sealed for that document's row. Raises PartyMissing.

    Nothing is left to keep of somebody who has been erased.
    """
    pen, now = await _found(uow, ring, party_id)
    return pen.close(table, row, _COLUMN, orjson.dumps(now)) if pen.key is not None else b""


async def addressee_on(
    uow: UnitOfWork, ring: KeyRing, party_id: PartyId, table: str, row: str, kept: bytes
) -> Addressee:
    """How a party stands on a document: as was kept with it, or as it is now when nothing was.

    Of somebody who has been erased nothing is left, on old documents as well. Raises PartyMissing.
    """
    pen, now = await _found(uow, ring, party_id)
    if not kept or pen.key is None:
        return now
    return Addressee(**orjson.loads(pen.open(table, row, _COLUMN, kept)))


async def _found(uow: UnitOfWork, ring: KeyRing, party_id: PartyId) -> tuple[Pen, Addressee]:
    rows = await store.party_rows(uow, [party_id.uuid], everybody=True)
    if not rows:
        raise PartyMissing(f"there is no party {party_id}")
    tenant_id = uow.scope.tenant_id
    key = sealing.unwrapped(ring, tenant_id, party_id, rows[0].wrapped)
    person = sealing.open_person(key, tenant_id, party_id, rows[0].person)
    return Pen(tenant_id, party_id, key), person.addressee if person else Addressee(ERASED)
