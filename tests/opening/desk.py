"""Shorthand for tests of opening positions: a business on its first day, and what its books say."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import httpx2

from specie import catalogue, ledger, parties, stock
from specie.approvals import service as approving
from specie.catalogue import Particulars, ProductKind
from specie.kernel.ids import ApprovalId, PartyId, RequestId, UserId
from specie.kernel.money import Currency
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.ledger import read_store
from specie.opening.reading import LAYOUT
from specie.parties import PartyKind
from specie.platform.db import Database
from specie.platform.vault import KeyRing
from specie.stock import Warehouse
from tests.support.scopes import fresh_scope

RING = KeyRing({1: b"r" * 32}, current=1)
CUT_OVER = date(2026, 1, 1)
IDR = Currency.of("IDR")


def file_of(*rows: dict[str, str]) -> bytes:
    """A CSV file with these rows."""
    target = io.StringIO()
    writer = csv.DictWriter(target, LAYOUT.columns)
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def account(code: str, amount: str, currency: str = "IDR", **more: str) -> dict[str, str]:
    return {"kind": "account", "account": code, "currency": currency, "amount": amount, **more}


def purse(party: object, amount: str, name: str = "", currency: str = "IDR") -> dict[str, str]:
    return {"kind": "wallet", "party": str(party), "purse": name, "currency": currency, "amount": amount}


def goods(sku: str, quantity: str, unit_cost: str, warehouse: str = "MAIN", **more: str) -> dict[str, str]:
    return {
        "kind": "stock",
        "product": sku,
        "warehouse": warehouse,
        "quantity": quantity,
        "unit_cost": unit_cost,
        **more,
    }


def invoice(party: object, number: str, amount: str, currency: str = "IDR", **more: str) -> dict[str, str]:
    said = {"issued_on": "2025-11-03", "due_on": "2025-12-03"} | more
    return {"kind": "invoice", "party": str(party), "number": number, "currency": currency, "amount": amount, **said}


def bill(party: object, number: str, amount: str, currency: str = "IDR", **more: str) -> dict[str, str]:
    return invoice(party, number, amount, currency, **more) | {"kind": "bill"}


@dataclass
class Desk:
    """Finance of a business with a warehouse, two products and a customer."""

    database: Database
    scope: Scope
    client: httpx2.AsyncClient
    warehouse: Warehouse
    customer: PartyId

    async def send(
        self, content: bytes, status: int = 201, *, look: bool = False, on: date = CUT_OVER, key: str | None = None
    ) -> Any:
        """A file is sent in; `look` only shows what would happen."""
        answer = await self.client.post(
            "/opening-imports",
            params={"dry_run": "true"} if look else {},
            files={"file": ("old books.csv", content)},
            data={"cut_over_on": on.isoformat()},
            headers={} if look else {"idempotency-key": key or str(RequestId.new())},
        )
        assert answer.status_code == (200 if look and status == 201 else status), answer.text
        return answer.json()

    async def books(self) -> dict[str, int]:
        """Every balance that is not zero, memo accounts left out, by code; ids are as they are."""
        async with self.database.begin(self.scope) as uow:
            page = await read_store.accounts(uow, limit=100)
        return {each.code: each.balance.minor for each in page.items if each.balance.minor and each.type != "memo"}

    async def difference(self, day: date = CUT_OVER) -> int:
        """By how much the debits of the trial balance differ from its credits."""
        async with self.database.begin(self.scope) as uow:
            lines = await ledger.branches(uow, ledger.MONEY_TYPES, until=day, depth=1)
        return sum(line.debit_minor for line in lines)

    async def entries(self) -> int:
        """How many entries there are."""
        async with self.database.begin(self.scope) as uow:
            return len((await read_store.entries(uow, after=None, limit=100)).items)

    async def on_hand(self) -> dict[str, tuple[str, int]]:
        """For each product with stock what is there, and what the books say it is worth."""
        async with self.database.begin(self.scope) as uow:
            levels = await stock.find_levels(uow, stock.LevelFilter(), None, 100)
            accounts = await ledger.accounts_by_ids(uow, [each.account_id for each in levels])
            products = await catalogue.products_by_ids(uow, [each.product_id for each in levels])
        return {
            products[each.product_id].sku: (str(each.on_hand), accounts[each.account_id].balance.minor)
            for each in levels
            if each.number
        }

    async def decide(self, approval_id: str, *, yes: bool) -> None:
        """A second person says yes or no."""
        checker = replace(self.scope, actor=Actor(ActorKind.USER, str(UserId.new())), request_id=RequestId.new())
        async with self.database.begin(checker) as uow:
            decide = approving.approve if yes else approving.refuse
            await decide(uow, ApprovalId.parse(approval_id), "saw the old books")


async def open_desk(database: Database, client: httpx2.AsyncClient, scope: Scope) -> Desk:
    """A business that has bought Specie and moved nothing yet."""
    async with database.begin(scope) as uow:
        warehouse = await stock.add_warehouse(uow, "MAIN", "Main", IDR)
        for sku in ("GAYO", "TORAJA"):
            await catalogue.add_product(
                uow, Particulars.checked(kind=ProductKind.PRODUCT, name=sku, sku=sku, unit="bag")
            )
        await catalogue.add_product(
            uow, Particulars.checked(kind=ProductKind.SERVICE, name="Roasting", sku="ROAST", unit="hour")
        )
        known = {"name": "Wulan", "email": "wulan@old.example"}
        party = await parties.create_party(uow, RING, kind=PartyKind.PERSON, roles=["customer"], known=known)
    return Desk(database, scope, client, warehouse, party.id)


def desk_scope() -> Scope:
    """A tenant whose days begin in Jakarta."""
    return fresh_scope(zone="Asia/Jakarta")
