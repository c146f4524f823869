"""Shorthand for tests of reconciliation: an account with items, and statements that speak of them."""

from dataclasses import dataclass
from datetime import timedelta

from specie import ledger
from specie.kernel.ids import EntryId
from specie.kernel.money import Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.reconciliation import (
    CsvMapping,
    Format,
    NewSource,
    Outcome,
    Source,
    SourceKind,
    item_store,
    read_file,
    service,
    store,
)
from specie.reconciliation.model import Item, Line
from tests.support.shop import IDR, Shop

MAPPING = CsvMapping(date="date", amount="net", reference="ref", batch="batch", key="key", text="text", fee="fee")


@dataclass
class Desk:
    """One provider source over the clearing account, and the bank source behind it."""

    shop: Shop
    source: Source
    bank: Source

    async def owes(
        self, minor: int, reference: str = "", *, batch: str = "", account: str = "clearing", days_ago: int = 0
    ) -> EntryId:
        """Let the provider owe us so much more, in an entry known by a reference."""
        async with self.shop.db.begin(self.shop.scope) as uow:
            code = f"asset:providers:{self.shop.connection_id}:{account}"
            place = await ledger.ensure_account(uow, AccountSpec(code, AccountType.ASSET, IDR))
            due = await ledger.ensure_account(uow, AccountSpec("liability:due", AccountType.LIABILITY, IDR))
            amount = Money(abs(minor), IDR)
            leg = Leg(place.id, due.id, amount) if minor > 0 else Leg(due.id, place.id, amount)
            about = {"reference": reference, "batch": batch}
            draft = EntryDraft(
                Recipe("test.owe", 1),
                [leg],
                description=f"Sale {reference}",
                effective_at=uow.now - timedelta(days=days_ago),
                metadata=about,
            )
            return (await ledger.post(uow, draft)).id

    async def day(self) -> str:
        """Today, in the tenant's clock."""
        async with self.shop.db.begin(self.shop.scope) as uow:
            return str(uow.now.date().isoformat())

    async def statement(self, *rows: str, source: Source | None = None) -> Outcome:
        """Import rows of `ref,amount[,batch[,key[,text[,fee]]]]`, all of today; the fee is taken off the amount."""
        source, day = source or self.source, await self.day()
        text = "date,ref,net,batch,key,text,fee\n"
        text += "".join(f"{day},{row}{',' * (5 - row.count(','))}\n" for row in rows)
        file = read_file(text.encode(), "s.csv", Format.CSV, IDR, MAPPING)
        async with self.shop.db.begin(self.shop.scope) as uow:
            return await service.import_file(uow, source.id, file)

    async def balance(self, account: str = "clearing") -> int:
        return await self.shop.balance(f"asset:providers:{self.shop.connection_id}:{account}")

    async def open(self, source: Source | None = None) -> tuple[list[Line], list[Item]]:
        async with self.shop.db.begin(self.shop.scope) as uow:
            found = await service.fresh_source(uow, (source or self.source).id)
            return await store.open_lines(uow, found), await item_store.open_items(uow, found)


async def open_desk(shop: Shop, tolerance_minor: int = 0) -> Desk:
    """Both sources of the shop's connection."""
    async with shop.db.begin(shop.scope) as uow:
        assert shop.connection_id is not None
        provider = NewSource(
            "Simulator", SourceKind.PROVIDER, shop.connection_id, IDR, csv=MAPPING, tolerance_minor=tolerance_minor
        )
        bank = NewSource("Bank", SourceKind.BANK, shop.connection_id, IDR, bank="main", csv=MAPPING)
        return Desk(shop, await service.create_source(uow, provider), await service.create_source(uow, bank))
