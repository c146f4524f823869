"""Gathers everything there is to one purchase, for its page, and what its customer could pay it with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from specie import cashback, identity, installments, ledger, payments
from specie.cashback import Accrual
from specie.installments import Cost, Plan
from specie.kernel.ids import EntryId
from specie.kernel.money import Money
from specie.payments import Refund
from specie.platform.db import UnitOfWork
from specie.purchases import goods, line_store, refunding, service
from specie.purchases.goods import ShownGoods
from specie.purchases.lines import Line, ReturnedLine
from specie.purchases.model import (
    Leg,
    Purchase,
    PurchaseRefund,
    PurchaseState,
    Share,
    TenderKind,
    Wish,
)
from specie.purchases.page import page_path
from specie.purchases.tenders import MEANS, Step
from specie.stock import Movement

_MOST_PLANS = 20


@dataclass(frozen=True, slots=True)
class ShownLeg:
    """A leg with what has gone back by it, and the page where its customer pays."""

    leg: Leg
    returned: Money
    checkout_path: str | None


@dataclass(frozen=True, slots=True)
class ShownRefund:
    """A refund, and how the provider's part of it stands."""

    refund: PurchaseRefund
    at_provider: Refund | None
    lines: Sequence[ReturnedLine] = ()
    entries: Sequence[EntryId] = ()
    """Of the credit note and the stock, where goods of the catalogue came back."""
    stock: Mapping[int, Movement] = field(default_factory=dict)
    """What came in, by the number of its line; what it had cost is told to no customer."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A purchase as its page shows it; its entries only to those who sell or keep the books."""

    purchase: Purchase
    legs: Sequence[ShownLeg]
    refunds: Sequence[ShownRefund]
    earned: Sequence[Accrual]
    returnable: Money
    entries: Sequence[dict[str, Any]]
    lines: Sequence[tuple[Line, int]]
    page_path: str | None
    goods: ShownGoods | None


async def gather(uow: UnitOfWork, purchase: Purchase) -> Detail:
    """Everything about a purchase the caller may see; other parties' things in it are read for the whole tenant."""
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        legs = [] if purchase.state is PurchaseState.OPEN else await service.legs_of(wide, purchase)
        refunds = await refunding.refunds_of(wide, purchase)
        came_back, back = await line_store.came_back(wide, purchase), await line_store.returned_by(wide, purchase)
        sold, given = (
            await goods.shown(wide, purchase),
            [await _refund(wide, purchase, one, back.get(one.id, [])) for one in refunds],
        )
        ids = [leg.entry_id for leg in legs if leg.entry_id] + list(sold.entries if sold else [])
        ids += [entry for one in given for entry in (*(part.entry_id for part in one.refund.legs), *one.entries)]
        # What the merchant pays for a plan, and what goods have cost, is no business of its customer's.
        is_buyer = uow.scope.party_id == purchase.customer_id
        return Detail(
            purchase=purchase,
            legs=[await _leg(wide, purchase, leg, refunds) for leg in legs],
            refunds=[replace(one, stock={}) for one in given] if is_buyer else given,
            earned=await cashback.earned(wide, purchase.merchant_id, str(purchase.id)),
            returnable=await service.returnable(wide, purchase),
            entries=[] if is_buyer else await _told(wide, ids),
            lines=[(line, came_back.get(line.n, 0)) for line in await line_store.lines_of(wide, purchase)],
            page_path=await page_path(wide, purchase),
            goods=sold,
        )


async def _told(uow: UnitOfWork, ids: Sequence[EntryId]) -> list[dict[str, Any]]:
    entries = [await ledger.get_entry(uow, entry_id) for entry_id in dict.fromkeys(ids)]
    return await ledger.entries_told(uow, entries)


async def _leg(uow: UnitOfWork, purchase: Purchase, leg: Leg, refunds: Sequence[PurchaseRefund]) -> ShownLeg:
    nothing = Money.zero(leg.amount.currency)
    returned = sum((part.amount for refund in refunds for part in refund.legs if part.n == leg.n), nothing)
    path = None
    if leg.payment_id is not None and purchase.state is PurchaseState.HELD:
        path = await payments.checkout_path(uow, await payments.get_payment(uow, leg.payment_id))
    return ShownLeg(leg, returned, path)


async def _refund(
    uow: UnitOfWork, purchase: Purchase, refund: PurchaseRefund, lines: Sequence[ReturnedLine]
) -> ShownRefund:
    sent = next((part.payment_refund_id for part in refund.legs if part.payment_refund_id), None)
    at_provider = await payments.get_refund(uow, sent) if sent else None
    came_in = await goods.came_in(uow, purchase, refund)
    entries = await goods.entries_back(uow, refund, list(came_in.values()))
    return ShownRefund(refund, at_provider, lines, entries, came_in)


@dataclass(frozen=True, slots=True)
class Possible:
    """A tender the customer could choose: the most it can give now, and for installments the merchant's plans."""

    kind: TenderKind
    most: Money | None
    plans: Sequence[Plan] = ()


async def possible(uow: UnitOfWork, purchase: Purchase) -> list[Possible]:
    """What the customer could pay with now, in the order in which tenders pay."""
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        plans = await installments.plans_of(wide, purchase.merchant_id, _MOST_PLANS)
        fitting = [one for one in plans if one.currency.code == purchase.amount.currency.code]
        return [
            Possible(
                kind,
                await means.most(Step(wide, purchase)),
                fitting if kind is TenderKind.INSTALLMENTS else (),
            )
            for kind, means in MEANS.items()
            if kind in purchase.tenders
        ]


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would pay how much, and what the part in installments would cost."""

    shares: Sequence[Share]
    cost: Cost | None


async def preview(uow: UnitOfWork, purchase: Purchase, wishes: Sequence[Wish]) -> Preview:
    """The plan of the tenders as it would be now; nothing is set aside.

    Raises TenderInvalid, TenderShort, NotCovered, PlanMissing, PlanEnded or AmountOutsidePlan.
    """
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        shares = await service.shares(wide, purchase, wishes)
        found = next((one for one in shares if one.wish.kind is TenderKind.INSTALLMENTS and one.wish.plan_id), None)
        plan_id = found.wish.plan_id if found else None
        cost = await installments.preview(wide, plan_id, found.amount) if found and plan_id else None
        return Preview(shares, cost)
