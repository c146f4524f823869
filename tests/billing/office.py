"""A small business that sends invoices: a customer, lines and days that pass."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from specie import catalogue, events, ledger
from specie.billing import ageing, crediting, invoicing, receiving
from specie.billing.ageing import Ages
from specie.billing.invoicing import Standing, WriteInvoice
from specie.billing.model import CreditNote, Invoice, InvoiceId, LineDraft, Method, Receipt
from specie.catalogue import TaxRateId
from specie.events import EventFilter
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.platform.db import Database, UnitOfWork
from tests.support.scopes import fresh_scope
from tests.wallets.purses import VAULT, new_wallet

T = TypeVar("T")
VAT = TaxRateId.new()


def line(price: int, quantity: str = "1", discount: str = "0", taxes: Sequence[TaxRateId] = (VAT,)) -> LineDraft:
    """A line; `VAT` stands for the office's own rate of 11 %."""
    return LineDraft("Coffee beans", Decimal(quantity), price, "bag", Decimal(discount), tuple(taxes))


@dataclass
class Office:
    """One tenant with a customer; `day` is its business date."""

    database: Database
    scope: Scope
    customer: PartyId
    currency: Currency
    vat: TaxRateId

    @property
    def day(self) -> date:
        return self.scope.clock.business_date(self.scope.clock.now())

    def pass_days(self, days: int) -> None:
        clock = self.scope.clock
        self.scope = replace(self.scope, clock=replace(clock, offset=clock.offset + timedelta(days=days)))

    async def run(self, work: Callable[[UnitOfWork], Awaitable[T]], party: PartyId | None = None) -> T:
        return await self.database.run(replace(self.scope, party_id=party), work, label="test.office")

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    async def another_customer(self) -> PartyId:
        return (await new_wallet(self.database, self.scope, 0, self.currency.code)).party_id

    def says(self, *lines: LineDraft, **more: Any) -> WriteInvoice:
        said = [
            replace(one, taxes=tuple(self.vat if tax is VAT else tax for tax in one.taxes))
            for one in lines or [line(100_000)]
        ]
        return WriteInvoice(self.customer, self.currency, said, **more)

    async def drafted(self, *lines: LineDraft, **more: Any) -> Invoice:
        return await self.run(lambda uow: invoicing.draft(uow, self.says(*lines, **more)))

    async def issue(self, invoice: Invoice) -> Invoice:
        return await self.run(lambda uow: invoicing.issue(uow, VAULT, invoice.id))

    async def issued(self, *lines: LineDraft, **more: Any) -> Invoice:
        return await self.issue(await self.drafted(*lines, **more))

    async def receive(
        self, minor: int, shares: Sequence[tuple[Invoice, int]] | None = None, customer: PartyId | None = None
    ) -> Receipt:
        told = None if shares is None else [(each.id, self.money(part)) for each, part in shares]
        command = receiving.Receive(customer or self.customer, self.money(minor), Method.BANK, "transfer", told)
        return await self.run(lambda uow: receiving.receive(uow, command))

    async def credit(
        self, invoice: Invoice, quantities: dict[int, Decimal] | None = None, amount: Money | None = None
    ) -> CreditNote:
        return await self.run(lambda uow: crediting.credit(uow, VAULT, invoice.id, "broken", quantities, amount))

    async def look(self, invoice_id: InvoiceId) -> Standing:
        return await self.run(lambda uow: invoicing.standing(uow, invoice_id))

    async def open(self, *invoices: Invoice) -> list[int]:
        return [(await self.look(each.id)).open_minor for each in invoices]

    async def left(self, receipt: Receipt | CreditNote) -> int:
        async def work(uow: UnitOfWork) -> int:
            return (await ledger.get_account(uow, receipt.account_id)).balance.minor

        return await self.run(work)

    async def ages(self, day: date | None = None) -> Ages:
        return await self.run(lambda uow: ageing.ages(uow, self.currency, day))

    async def books(self, code: str) -> int:
        async def work(uow: UnitOfWork) -> int:
            return sum(one.balance.minor for one in await ledger.accounts_with_code(uow, code))

        return await self.run(work)

    async def told(self, kind: str) -> list[dict[str, Any]]:
        async with self.database.system() as uow:
            await events.number_pending(uow, 10_000)

        async def work(uow: UnitOfWork) -> list[dict[str, Any]]:
            found = await events.after(uow, self.scope.tenant_id, 0, 10_000, EventFilter(type=kind))
            return [dict(each.data) for each in found]

        return await self.run(work)


async def open_office(database: Database, currency: str = "IDR") -> Office:
    scope = fresh_scope()
    customer = await new_wallet(database, scope, 0, currency)
    async with database.begin(scope) as uow:
        vat = await catalogue.add_tax_rate(uow, "VAT 11%", 110_000)
    return Office(database, scope, customer.party_id, customer.currency, vat.id)
