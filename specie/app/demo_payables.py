"""What the demo's trade owes: bills of every kind, one of them held because it is dearer than its order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from specie import parties, payables, payouts, stock
from specie.app.wiring import Services
from specie.billing import LineDraft, Method
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.parties import PartyKind
from specie.payables import Order, Pay, RecordBill, WriteOrder
from specie.payouts import NewBeneficiary
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import PayoutRail

IDR = Currency.of("IDR")
At = Callable[[timedelta], Scope]


@dataclass(frozen=True, slots=True)
class Bought:
    """What was billed: its supplier, words, quantity and price of one in minor units; `ordered` is the agreed price."""

    supplier: str
    what: str
    quantity: str
    minor: int
    ordered: int | None = None
    due_days: int = 14
    paid_after: int | None = None


# By days ago.
BILLS = {
    48: Bought("Jalur Cepat Logistik", "Freight, October", "1", 2_400_000_00, paid_after=10),
    31: Bought("Kemas Rapi", "Printed bags, 500", "4", 450_000_00, ordered=450_000_00, paid_after=12),
    22: Bought("Jalur Cepat Logistik", "Freight, November", "1", 2_650_000_00),
    8: Bought("Kemas Rapi", "Printed bags, 500", "6", 450_000_00, ordered=450_000_00, due_days=30),
    3: Bought("Mesin Prima", "Service of the roaster", "1", 1_400_000_00, ordered=1_250_000_00),
}
SUPPLIERS = sorted({each.supplier for each in BILLS.values()})
# The supplier whose account is in the book, so that its bills can be paid by payout.
ACCOUNT = ("Jalur Cepat Logistik", "008", "1370011223344")


async def day(services: Services, at: At, ago: int) -> None:
    """What was ordered, billed and paid on one day."""
    paid = [each for then, each in BILLS.items() if each.paid_after is not None and then - each.paid_after == ago]
    if ago not in BILLS and not paid:
        return
    async with services.db.begin(at(timedelta(days=ago, minutes=25))) as uow:
        if ago == max(BILLS):
            for name in SUPPLIERS:
                known = {"name": name, "email": _email(name)}
                await parties.create_party(uow, services.vault, kind=PartyKind.COMPANY, roles=["supplier"], known=known)
        if ago in BILLS:
            await _bill(services, uow, BILLS[ago], ago)
        for each in paid:
            minor = each.minor * int(each.quantity)
            supplier = await _supplier(services, uow, each.supplier)
            await payables.pay(uow, Pay(supplier, Money(minor, IDR), Method.BANK, each.what))
        crash_point("demo.payables.billed")
    if ago == max(BILLS):
        await _open_account(services, at(timedelta(days=ago)))


async def _open_account(services: Services, scope: Scope) -> None:
    name, bank, number = ACCOUNT
    async with services.db.begin(scope) as uow:
        supplier = await _supplier(services, uow, name)
        new = NewBeneficiary(supplier, PayoutRail.BANK_ACCOUNT, bank, number, name)
        made = await payouts.add_beneficiary(uow, services.vault, new)
        crash_point("demo.payables.account")
    await payouts.inquire(JobContext(services.db, scope, services.by_name()), made.id)


async def _bill(services: Services, uow: UnitOfWork, bought: Bought, ago: int) -> None:
    supplier = await _supplier(services, uow, bought.supplier)
    line = LineDraft(bought.what, Decimal(bought.quantity), bought.minor)
    order = await _order(uow, supplier, bought) if bought.ordered is not None else None
    day = uow.business_date
    said = RecordBill(
        supplier,
        IDR,
        f"F-{4800 - ago}",
        [(line, 1 if order else None)],
        day,
        day + timedelta(days=bought.due_days),
        order.id if order else None,
    )
    await payables.record(uow, said)


async def _order(uow: UnitOfWork, supplier: PartyId, bought: Bought) -> Order:
    place = min((await stock.warehouses(uow)).values(), key=lambda each: each.code)
    line = LineDraft(bought.what, Decimal(bought.quantity), bought.ordered or 0)
    return await payables.create(uow, WriteOrder(supplier, place.id, IDR, [line]))


async def _supplier(services: Services, uow: UnitOfWork, name: str) -> PartyId:
    found = await parties.find_by_contact(uow, services.vault, _email(name))
    if found is None:
        raise LookupError(name)
    return found


def _email(name: str) -> str:
    return f"billing@{name.lower().replace(' ', '-')}.example"
