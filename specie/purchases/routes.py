"""Purchases over HTTP."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import billing, catalogue, identity, installments, ledger, parties, payments, stock, wallets
from specie.approvals import Approval
from specie.kernel.ids import PartyId
from specie.kernel.money import AmountOutOfRange
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission, Verification
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, id_text
from specie.purchases import buying, detail, errors, refunding, service, store
from specie.purchases.model import Purchase, PurchaseId, PurchaseRefundId
from specie.purchases.refunding import WantedRefund
from specie.purchases.schemas import (
    OpenPurchaseIn,
    PossibleTendersOut,
    PurchaseListedOut,
    PurchaseRefundAsked,
    PurchaseRefundIn,
    PurchaseRefundOut,
    TenderedPurchaseOut,
    TenderPlanOut,
    TendersIn,
    refund_out,
)
from specie.purchases.store import PurchaseFilter

router = ApiRouter(prefix="/purchases", tags=["Purchases"])

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=100)]
Status = Literal["open", "held", "completed", "cancelled", "expired"]
_LIST = "purchases"
_PLAN = (
    errors.PurchaseMissing,
    errors.NobodyBuys,
    errors.TenderInvalid,
    errors.TenderShort,
    errors.NotCovered,
    installments.PlanMissing,
    installments.PlanEnded,
    installments.AmountOutsidePlan,
    wallets.WalletCurrency,
)
_BACK = (
    errors.PurchaseMissing,
    errors.PurchaseCannotMove,
    payments.RefundImpossible,
    payments.PaymentDisputed,
    payments.RefundTooLarge,
    ledger.InsufficientFunds,
    ledger.AccountFrozen,
)


@router.post("", status_code=201, response_model=TenderedPurchaseOut)
@refuses(
    errors.PurchasePartyRequired,
    errors.PurchaseReferenceTaken,
    errors.LinesInvalid,
    parties.PartyMissing,
    billing.LineInvalid,
    AmountOutOfRange,
    catalogue.ProductMissing,
    catalogue.TaxRateMissing,
    catalogue.TaxRateArchived,
    stock.WarehouseMissing,
)
async def open_purchase(
    body: OpenPurchaseIn, edge: Edge = requires(Permission.PURCHASES_WRITE, verification=Verification.ANY)
) -> Response:
    """Ask a customer for a total. Nothing moves before the customer has chosen what to pay with."""

    async def work(uow: UnitOfWork) -> TenderedPurchaseOut:
        return await _shown(uow, edge, await service.open_purchase(uow, body.command()))

    return await edge.money(work, lambda shown: shown)


@router.get("", response_model=ListOf[PurchaseListedOut])
async def list_purchases(
    edge: Edge = requires(Permission.PURCHASES_READ),
    status: Status | None = None,
    party_id: Annotated[str | None, Query(max_length=60)] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Purchases, the newest first; a merchant sees what it sells, a customer what it buys."""
    key = edge.cursor(_LIST, cursor)
    before = UUID(str(key[0])) if key else None
    wanted = PurchaseFilter(status, id_text(PartyId, party_id, "party_id") if party_id else None)

    async def read(uow: UnitOfWork) -> Page[PurchaseListedOut]:
        page = await store.purchases(uow, wanted, before, limit)
        names = await _names(uow, edge, page.items)
        return page.map(lambda each: PurchaseListedOut.of(each, names))

    return edge.page(_LIST, await edge.read(read), lambda shown: shown)


@router.get("/{buy_id}", response_model=TenderedPurchaseOut)
@refuses(errors.PurchaseMissing)
async def show_purchase(buy_id: str, edge: Edge = requires(Permission.PURCHASES_READ)) -> TenderedPurchaseOut:
    """One purchase with its legs, what was given back, and every posting behind it."""
    wanted = _id(buy_id)

    async def work(uow: UnitOfWork) -> TenderedPurchaseOut:
        return await _shown(uow, edge, await service.get(uow, wanted))

    return await edge.read(work)


@router.get("/{buy_id}/tenders", response_model=PossibleTendersOut)
@refuses(errors.PurchaseMissing, errors.NobodyBuys)
async def list_tenders(buy_id: str, edge: Edge = requires(Permission.PURCHASES_PAY)) -> PossibleTendersOut:
    """What the customer could pay with now, in the order in which tenders pay."""
    wanted = _id(buy_id)

    async def work(uow: UnitOfWork) -> list[detail.Possible]:
        return await detail.possible(uow, await buying.bought(uow, wanted))

    return PossibleTendersOut.of(await edge.read(work))


@router.post("/{buy_id}/preview", response_model=TenderPlanOut)
@refuses(*_PLAN)
async def preview_purchase(
    buy_id: str, body: TendersIn, edge: Edge = requires(Permission.PURCHASES_PAY)
) -> TenderPlanOut:
    """Who would pay how much, and what installments would cost; nothing is set aside."""
    wanted = _id(buy_id)

    async def work(uow: UnitOfWork) -> detail.Preview:
        return await detail.preview(uow, await buying.bought(uow, wanted), body.wishes())

    return TenderPlanOut.of(await edge.read(work))


@router.post("/{buy_id}/pay", status_code=200, response_model=TenderedPurchaseOut)
@refuses(
    *_PLAN,
    errors.PurchaseCannotMove,
    errors.PurchaseExpired,
    installments.CostChanged,
    installments.CreditLineExceeded,
    installments.CreditLineBlocked,
    ledger.InsufficientFunds,
    wallets.LimitExceeded,
    wallets.WalletFrozen,
    stock.OutOfStock,
)
async def pay_purchase(
    buy_id: str, body: TendersIn, edge: Edge = requires(Permission.PURCHASES_PAY, verification=Verification.ANY)
) -> Response:
    """Pay with several tenders at once. All of them pay, or none does.

    With a provider's part the others are only set aside, and `checkout_url` leads to where the customer pays it.
    """
    wanted = _id(buy_id)

    async def work(uow: UnitOfWork) -> TenderedPurchaseOut:
        return await _shown(uow, edge, await buying.pay(uow, edge.service("vault"), wanted, body.wishes()))

    return await edge.money(work, lambda shown: shown, status=200)


@router.post("/{buy_id}/cancel", response_model=TenderedPurchaseOut)
@refuses(errors.PurchaseMissing, errors.PurchaseCannotMove, payments.ChargeUnknown)
async def cancel_purchase(buy_id: str, edge: Edge = requires(Permission.PURCHASES_WRITE)) -> Response:
    """Call a purchase off; everything that was set aside goes back to the customer."""
    wanted = _id(buy_id)

    async def work(uow: UnitOfWork) -> TenderedPurchaseOut:
        await _sold(uow, wanted)
        return await _shown(uow, edge, await _wide(uow, lambda wide: service.cancel(wide, wanted)))

    return await edge.write(work, lambda shown: shown)


@router.post("/{buy_id}/release", response_model=TenderedPurchaseOut)
@refuses(errors.PurchaseMissing, errors.PurchaseCannotMove, payments.ChargeUnknown)
async def release_purchase(buy_id: str, edge: Edge = requires(Permission.PURCHASES_WRITE)) -> Response:
    """Let go of who has set tenders aside and does not pay: everything goes back, and the purchase is open again.

    One that names no customer is anybody's once more, so that nobody keeps another from buying by taking it on.
    """
    wanted = _id(buy_id)

    async def work(uow: UnitOfWork) -> TenderedPurchaseOut:
        await _sold(uow, wanted)
        return await _shown(uow, edge, await _wide(uow, lambda wide: service.let_go(wide, wanted, "released")))

    return await edge.write(work, lambda shown: shown)


@router.post("/{buy_id}/refunds", status_code=201, response_model=PurchaseRefundOut | PurchaseRefundAsked)
@refuses(
    *_BACK,
    errors.RefundExceeds,
    errors.RefundUndecided,
    errors.ReturnedLinesInvalid,
    installments.OrderCannotMove,
    installments.ReturnTooLarge,
    stock.NotStocked,
    wallets.WalletFrozen,
)
async def refund_purchase(
    buy_id: str,
    body: PurchaseRefundIn,
    edge: Edge = requires(Permission.PURCHASES_WRITE, verification=Verification.ANY),
) -> Response:
    """Give back all or a part of a purchase, by the ways in which it was paid.

    With `dry_run=true` the answer shows every leg and its postings, and nothing happens. When the refunds of the
    purchase go above the tenant's line, nothing moves before a second person has decided.
    """
    amount, lines = body.amount.money() if body.amount else None, [each.back() for each in body.lines]
    wanted = WantedRefund(_id(buy_id), amount, body.reason, lines)

    async def work(uow: UnitOfWork) -> PurchaseRefundOut | PurchaseRefundAsked:
        purchase = await _sold(uow, wanted.purchase_id)
        toolbox = edge.service("providers")
        made = await _wide(uow, lambda wide: refunding.request(wide, toolbox, wanted))
        if isinstance(made, Approval):
            return PurchaseRefundAsked.of(made, purchase.amount.currency)
        return await _refund_told(uow, purchase, made.id)

    return await edge.money(work, lambda made: made)


@router.post("/{buy_id}/refunds/{buy_refund_id}/send", response_model=PurchaseRefundOut)
@refuses(*_BACK)
async def send_refund_again(
    buy_id: str, buy_refund_id: str, edge: Edge = requires(Permission.PURCHASES_WRITE, verification=Verification.ANY)
) -> Response:
    """Ask the provider once more for its part of a refund that has failed there."""
    wanted, refund_id = _id(buy_id), id_text(PurchaseRefundId, buy_refund_id, "buy_refund_id")

    async def work(uow: UnitOfWork) -> PurchaseRefundOut:
        purchase = await _sold(uow, wanted)
        await _wide(uow, lambda wide: refunding.send_again(wide, wanted, refund_id))
        return await _refund_told(uow, purchase, refund_id)

    return await edge.money(work, lambda made: made, status=200)


async def _refund_told(uow: UnitOfWork, purchase: Purchase, refund_id: PurchaseRefundId) -> PurchaseRefundOut:
    found = await detail.gather(uow, purchase)
    kinds = {each.leg.n: each.leg.kind for each in found.legs}
    return next(refund_out(each, kinds, found.entries) for each in found.refunds if each.refund.id == refund_id)


async def _sold(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """A purchase whose merchant the caller is, or acts for. Raises PurchaseMissing."""
    purchase = await service.get(uow, purchase_id)
    if uow.scope.party_id not in {None, purchase.merchant_id}:
        raise errors.PurchaseMissing("only the merchant can do this")
    return purchase


async def _wide(uow: UnitOfWork, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
    """A step that moves both parties' things, once it is decided that the caller may take it."""
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        return await work(wide)


async def _shown(uow: UnitOfWork, edge: Edge, purchase: Purchase) -> TenderedPurchaseOut:
    found, names = await detail.gather(uow, purchase), await _names(uow, edge, [purchase])
    return TenderedPurchaseOut.told(found, names, edge.service("settings").public_url)


async def _names(uow: UnitOfWork, edge: Edge, found: Sequence[Purchase]) -> dict[PartyId, str]:
    ids = {party_id for each in found for party_id in (each.merchant_id, each.customer_id) if party_id is not None}
    return await parties.names(uow, edge.service("vault"), list(ids))


def _id(text: str) -> PurchaseId:
    return id_text(PurchaseId, text, "buy_id")
