"""Reads what a statement says from the modules that own it, all in one unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from specie import billing, cashback, identity, installments, ledger, purchases, wallets
from specie.cashback import PURSE
from specie.installments import Standing
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency
from specie.ledger import Side
from specie.platform.db import UnitOfWork
from specie.purchases import PurchaseFilter
from specie.statements.heading import present_name
from specie.statements.model import (
    CashbackPart,
    InvoicePart,
    InvoicesPart,
    Moved,
    OrderPart,
    PurchasePart,
    Stated,
    WalletPart,
)
from specie.wallets import Wallet

_PAGE = 500
_EXPIRING = timedelta(days=30)
_PAYING = (
    *("installments.collect@", "installments.payoff@", "installments.book@", "installments.begin@"),
    "installments.recover@",
)


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from the first to the last, as recording times: from `since`, before `until`."""

    from_day: date
    through_day: date
    since: datetime
    until: datetime


def period_of(uow: UnitOfWork, from_day: date, through_day: date) -> Period:
    """The period of these business days in the tenant's zone."""
    clock, instant = uow.scope.clock, timedelta(microseconds=1)
    return Period(
        from_day,
        through_day,
        clock.end_of(from_day - timedelta(days=1)) + instant,
        clock.end_of(through_day) + instant,
    )


async def gather(uow: UnitOfWork, party_id: PartyId, currency: Currency, period: Period) -> Stated:
    """What a party had and did in a period."""
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        owned = [one for one in await wallets.wallets_of(wide, party_id) if one.currency.code == currency.code]
        parts = [await _wallet(wide, one, period) for one in sorted(owned, key=lambda one: one.purpose)]
        return Stated(
            tenant=await present_name(wide),
            zone=uow.scope.clock.zone.key,
            party_id=str(party_id),
            currency=currency.code,
            from_day=period.from_day.isoformat(),
            through_day=period.through_day.isoformat(),
            made_at=uow.now.isoformat(),
            opening=sum(part.opening for part in parts),
            closing=sum(part.closing for part in parts),
            wallets=parts,
            purchases=await _purchases(wide, party_id, currency, period),
            installments=await _orders(wide, party_id, currency, period),
            invoices=await _invoices(wide, party_id, currency, period),
            cashback=await _cashback(wide, party_id, currency, parts, period),
        )


async def _wallet(uow: UnitOfWork, wallet: Wallet, period: Period) -> WalletPart:
    account = await ledger.get_account(uow, wallet.available_account)
    before = await ledger.balance_recorded_by(uow, account, period.since - timedelta(microseconds=1))
    moved = [
        Moved(
            at=line.recorded_at.isoformat(),
            title=line.description,
            entry_id=str(line.entry_id),
            amount=line.amount.minor if line.side is Side.CREDIT else -line.amount.minor,
            balance=line.balance.minor,
        )
        for line in await _lines(uow, account.id, period)
    ]
    return WalletPart(
        wallet_id=str(wallet.id),
        purpose=wallet.purpose,
        opening=before.minor,
        arrived=sum(each.amount for each in moved if each.amount > 0),
        left=-sum(each.amount for each in moved if each.amount < 0),
        closing=(await ledger.balance_recorded_by(uow, account, period.until - timedelta(microseconds=1))).minor,
        movements=moved,
    )


async def _lines(
    uow: UnitOfWork, account_id: AccountId, period: Period, only: Side | None = None
) -> list[ledger.StatementLine]:
    """Every posting of an account in a period, oldest first."""
    account = await ledger.get_account(uow, account_id)
    found: list[ledger.StatementLine] = []
    after: tuple[Any, ...] | None = None
    while True:
        page = await ledger.statement(
            uow, account, after=after, limit=_PAGE, since=period.since, until=period.until, only=only
        )
        found += page.items
        if page.next_key is None:
            return found[::-1]
        after = page.next_key


async def _purchases(uow: UnitOfWork, party_id: PartyId, currency: Currency, period: Period) -> list[PurchasePart]:
    wanted = PurchaseFilter("completed", party_id, period.since, period.until)
    bought: list[purchases.Purchase] = []
    while True:
        page = await purchases.find(uow, wanted, bought[-1].id.uuid if bought else None, _PAGE)
        bought += page.items
        if len(page.items) < _PAGE:
            break
    fitting = [one for one in reversed(bought) if one.amount.currency.code == currency.code]
    return [await _purchase(uow, one, party_id, period) for one in fitting]


async def _purchase(uow: UnitOfWork, bought: purchases.Purchase, party_id: PartyId, period: Period) -> PurchasePart:
    refunds = [one for one in await purchases.refunds_of(uow, bought) if one.created_at < period.until]
    legs = await purchases.legs_of(uow, bought)
    return PurchasePart(
        purchase_id=str(bought.id),
        role="sold" if bought.merchant_id == party_id else "bought",
        reference=bought.reference,
        title=bought.title,
        at=bought.completed_at.isoformat() if bought.completed_at else "",
        amount=bought.amount.minor,
        returned=sum(one.amount.minor for one in refunds),
        legs=[{"kind": leg.kind.value, "amount": leg.amount.minor} for leg in legs],
    )


async def _orders(uow: UnitOfWork, party_id: PartyId, currency: Currency, period: Period) -> list[OrderPart]:
    """The orders that ran in the period, and those that ended before it of which something was paid after all."""
    found = await installments.of_customer_by(uow, party_id, currency, period.since, period.until)
    stated = [(order.order.ended_at, await _order(uow, order, period)) for order in found]
    return [part for ended_at, part in stated if part.paid or ended_at is None or ended_at >= period.since]


async def _order(uow: UnitOfWork, order: Standing, period: Period) -> OrderPart:
    accounts, paid = order.order.running(), 0
    # Nothing is owed after a charge-off: what is paid after all lowers what may still be recovered.
    for account_id in (accounts.principal, accounts.interest, accounts.fee, accounts.penalty, accounts.written_off):
        lines = await _lines(uow, account_id, period, Side.CREDIT)
        # Interest that is owed no longer, because all was paid before it ran, was not paid by anybody.
        real = [line for line in lines if line.other_account != accounts.unearned]
        paid += sum(line.amount.minor for line in real if line.recipe.startswith(_PAYING))
    return OrderPart(
        order_id=str(order.order.id),
        reference=order.order.reference,
        title=order.order.title,
        status=order.order.state.value,
        paid=paid,
        owed=order.left.total,
        late_fees=order.left.penalty,
        due=[{"due_on": each.line.due_on.isoformat(), "amount": each.total} for each in order.opened if each.total],
    )


async def _invoices(uow: UnitOfWork, party_id: PartyId, currency: Currency, period: Period) -> InvoicesPart:
    found = await billing.invoices_stated(uow, party_id, currency, period.since, period.until)
    lines = [
        InvoicePart(
            invoice_id=str(one.invoice_id),
            number=one.number,
            issued_on=one.issued_on.isoformat(),
            due_on=one.due_on.isoformat(),
            amount=one.total_minor,
            is_new=one.is_new,
            paid=one.paid_minor,
            credited=one.credited_minor,
            to_credit=one.to_credit_minor,
            owed=one.open_minor,
            is_overdue=one.open_minor > 0 and one.due_on < period.through_day,
        )
        for one in found
    ]
    return InvoicesPart(
        owed=sum(one.owed for one in lines),
        overdue=sum(one.owed for one in lines if one.is_overdue),
        credit=await billing.credit_stated(uow, party_id, currency, period.until),
        invoices=lines,
    )


async def _cashback(
    uow: UnitOfWork, party_id: PartyId, currency: Currency, parts: Sequence[WalletPart], period: Period
) -> CashbackPart:
    available = sum(part.closing for part in parts if part.purpose == PURSE)
    pending, lots = await cashback.of_party_by(uow, party_id, currency, period.until)
    expiring: list[Mapping[str, Any]] = [
        {"at": at.isoformat(), "amount": left.minor} for at, left in lots if at < period.until + _EXPIRING
    ]
    return CashbackPart(pending=pending.minor, available=available, expiring=expiring)
