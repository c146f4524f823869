"""Writing and reading what other modules know of a party, under the party's own key: forgotten when it is."""

from collections.abc import Collection
from dataclasses import dataclass, field

from specie.kernel.ids import PartyId, TenantId
from specie.parties import sealing, store
from specie.parties.errors import PartyMissing
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing, Place, Unsealable, open_sealed, seal

ERASED = "erased"
"""What stands for a text whose key has been destroyed."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Seals texts and files about one party. A value opens only at the table, row and column it was sealed for."""

    tenant_id: TenantId
    party_id: PartyId
    key: bytes | None = field(repr=False)

    def close(self, table: str, row: str, column: str, data: bytes) -> bytes:
        """The data, sealed. Raises PartyMissing when the party has been erased."""
        if self.key is None:
            raise PartyMissing(f"{self.party_id} has been erased")
        return seal(self.key, data, self._place(table, row, column))

    def open(self, table: str, row: str, column: str, blob: bytes) -> bytes:
        """What was sealed. Raises Unsealable when the key is gone."""
        if self.key is None:
            raise Unsealable("the key has been destroyed")
        return open_sealed(self.key, blob, self._place(table, row, column))

    def text(self, table: str, row: str, column: str, blob: bytes) -> str:
        """A sealed text, or what stands for it after erasure."""
        if self.key is None or not blob:
            return ERASED
        return self.open(table, row, column, blob).decode()

    def _place(self, table: str, row: str, column: str) -> Place:
        return Place(str(self.tenant_id), table, row, column)


async def pens(uow: UnitOfWork, vault: KeyRing, ids: Collection[PartyId]) -> dict[PartyId, Pen]:
    """The pens of those among these parties that are of this tenant."""
    tenant_id = uow.scope.tenant_id
    rows = await store.party_rows(uow, sorted({one.uuid for one in ids}), everybody=True)
    found = ((PartyId(row.id), row.wrapped) for row in rows)
    return {one: Pen(tenant_id, one, sealing.unwrapped(vault, tenant_id, one, wrapped)) for one, wrapped in found}
