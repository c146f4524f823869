"""Purchases, cashback and paying with it, over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.responses import Response

from specie import parties, wallets
from specie.cashback import errors, maturing, offer_store, purchases, reversing, spending, store, summaries
from specie.cashback.merchants import own_party
from specie.cashback.model import Accrual, AccrualId, AccrualState, OfferId, PurchaseId
from specie.cashback.offer_schemas import CashbackReasonIn
from specie.cashback.purchases import NewPurchase, Recorded
from specie.cashback.schemas import (
    AccrualOut,
    CashbackSummariesOut,
    GoodsReturnIn,
    PurchaseIn,
    PurchaseListed,
    PurchaseOut,
    PurchaseOutcomeOut,
    PurchaseOutcomesOut,
    PurchasesIn,
    PursePaymentIn,
    PursePaymentOut,
    ShownAccrual,
)
from specie.cashback.store import AccrualFilter
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission, Verification
from specie.ledger import InsufficientFunds
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, id_text

router = ApiRouter(prefix="/cashback", tags=["Cashback"])

Limit = Annotated[int, Query(ge=1, le=100)]
PurchaseStatus = Literal["pending", "confirmed", "rejected", "reversed"]
AccrualStatus = Literal["pending", "confirmed", "available", "paid", "expired", "reversed"]
_PURCHASES, _ACCRUALS = "cashback_purchases", "cashback_accruals"
_RECORDING = (
    errors.CashbackPartyRequired,
    errors.MerchantInactive,
    errors.PurchaseDiffers,
    errors.PurchaseInvalid,
    parties.PartyMissing,
)


@router.post("/purchases", status_code=201, response_model=PurchaseOut)
@refuses(*_RECORDING)
async def record_purchase(
    body: PurchaseIn, edge: Edge = requires(Permission.CASHBACK_WRITE, verification=Verification.ANY)
) -> Response:
    """Tell of a purchase; the answer shows the cashback it brings. The same external id changes nothing."""
    return await edge.money(lambda uow: _record(uow, edge, body), PurchaseOut.of)


@router.post("/purchases/batch", response_model=PurchaseOutcomesOut)
async def record_purchases(
    body: PurchasesIn, edge: Edge = requires(Permission.CASHBACK_WRITE, rehearsable=False)
) -> PurchaseOutcomesOut:
    """Tell of up to a thousand purchases, each decided by itself.

    The external ids make it safe to send the same batch again, also after only a part was answered; it needs no key.
    """
    outcomes: list[PurchaseOutcomeOut] = []
    for start in range(0, len(body.purchases), purchases.AT_ONCE):
        part = body.purchases[start : start + purchases.AT_ONCE]
        outcomes += await edge.read(lambda uow, part=part: _record_part(uow, edge, part))  # type: ignore[misc]
    return PurchaseOutcomesOut(data=outcomes)


@router.get("/purchases", response_model=ListOf[PurchaseListed])
async def list_purchases(
    edge: Edge = requires(Permission.CASHBACK_READ),
    status: PurchaseStatus | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Purchases, the newest first; a merchant sees what it sold, a customer what it bought."""
    key = edge.cursor(_PURCHASES, cursor)
    page = await edge.read(lambda uow: store.list_purchases(uow, state=status, after=key, limit=limit))
    return edge.page(_PURCHASES, page, PurchaseListed.of)


@router.get("/purchases/{purchase_id}", response_model=PurchaseOut)
@refuses(errors.PurchaseMissing)
async def show_purchase(purchase_id: str, edge: Edge = requires(Permission.CASHBACK_READ)) -> PurchaseOut:
    """One purchase with its cashback."""
    wanted = id_text(PurchaseId, purchase_id, "purchase_id")
    return PurchaseOut.of(await edge.read(lambda uow: _told(uow, wanted)))


@router.post("/purchases/{purchase_id}/confirm", response_model=PurchaseOut)
@refuses(errors.PurchaseMissing, errors.PurchaseCannotMove)
async def confirm_purchase(purchase_id: str, edge: Edge = requires(Permission.CASHBACK_WRITE)) -> Response:
    """Say that a purchase stands; its cashback waits for the return window to close."""
    wanted = id_text(PurchaseId, purchase_id, "purchase_id")

    async def work(uow: UnitOfWork) -> Recorded:
        await purchases.confirm(uow, wanted)
        return await _told(uow, wanted)

    return await edge.write(work, PurchaseOut.of)


@router.post("/purchases/{purchase_id}/reject", response_model=PurchaseOut)
@refuses(errors.PurchaseMissing, errors.PurchaseCannotMove)
async def reject_purchase(
    purchase_id: str, body: CashbackReasonIn, edge: Edge = requires(Permission.CASHBACK_WRITE)
) -> Response:
    """Say that a pending purchase does not count; its cashback goes back to the offers."""
    wanted = id_text(PurchaseId, purchase_id, "purchase_id")

    async def work(uow: UnitOfWork) -> Recorded:
        await purchases.reject(uow, wanted, body.reason)
        return await _told(uow, wanted)

    return await edge.write(work, PurchaseOut.of)


@router.post("/purchases/{purchase_id}/returns", status_code=201, response_model=PurchaseOut)
@refuses(errors.PurchaseMissing, errors.PurchaseCannotMove, errors.ReturnTooLarge, errors.ReturnDiffers)
async def return_goods(
    purchase_id: str,
    body: GoodsReturnIn,
    edge: Edge = requires(Permission.CASHBACK_WRITE, verification=Verification.ANY),
) -> Response:
    """Tell of goods that came back; their cashback is taken back. With `dry_run=true` the answer shows the outcome."""
    wanted = id_text(PurchaseId, purchase_id, "purchase_id")

    async def work(uow: UnitOfWork) -> Recorded:
        await reversing.return_goods(uow, wanted, body.external_id, body.amount.money())
        return await _told(uow, wanted)

    return await edge.money(work, PurchaseOut.of)


@router.get("/accruals", response_model=ListOf[AccrualOut])
async def list_accruals(
    edge: Edge = requires(Permission.CASHBACK_READ),
    status: AccrualStatus | None = None,
    party_id: str | None = None,
    offer_id: str | None = None,
    purchase_id: str | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Cashback with its working, the newest first; a merchant sees what it gives, a customer what it gets."""
    wanted = AccrualFilter(
        party_id=id_text(PartyId, party_id, "party_id") if party_id else None,
        offer_id=id_text(OfferId, offer_id, "offer_id") if offer_id else None,
        purchase_id=id_text(PurchaseId, purchase_id, "purchase_id") if purchase_id else None,
        state=status,
    )
    key = edge.cursor(_ACCRUALS, cursor)

    async def read(uow: UnitOfWork) -> Page[AccrualOut]:
        page = await store.list_accruals(uow, wanted, after=key, limit=limit)
        return Page(await _shown(uow, edge, page.items), page.next_key)

    return edge.page(_ACCRUALS, await edge.read(read), lambda shown: shown)


@router.get("/accruals/{accrual_id}", response_model=AccrualOut)
@refuses(errors.AccrualMissing)
async def show_accrual(accrual_id: str, edge: Edge = requires(Permission.CASHBACK_READ)) -> AccrualOut:
    """One piece of cashback and why it is this much."""
    wanted = id_text(AccrualId, accrual_id, "accrual_id")

    async def read(uow: UnitOfWork) -> AccrualOut:
        found = await store.accrual_by_id(uow, wanted)
        if found is None:
            raise errors.AccrualMissing(f"there is no cashback {accrual_id}")
        [shown] = await _shown(uow, edge, [found])
        return shown

    return await edge.read(read)


@router.post("/accruals/{accrual_id}/release", response_model=AccrualOut)
@refuses(errors.AccrualMissing, errors.AccrualCannotMove)
async def release_accrual(
    accrual_id: str, body: CashbackReasonIn, edge: Edge = requires(Permission.CASHBACK_MANAGE)
) -> Response:
    """Make confirmed cashback available before its return window closes."""
    wanted = id_text(AccrualId, accrual_id, "accrual_id")

    async def work(uow: UnitOfWork) -> AccrualOut:
        [shown] = await _shown(uow, edge, [await maturing.release(uow, wanted, body.reason)])
        return shown

    return await edge.write(work, lambda shown: shown)


@router.get("/summary", response_model=CashbackSummariesOut)
@refuses(errors.CashbackPartyRequired)
async def show_summary(
    edge: Edge = requires(Permission.CASHBACK_READ), party_id: str | None = None
) -> CashbackSummariesOut:
    """What a customer has on its way, to spend, and soon to run out, by currency."""
    named = id_text(PartyId, party_id, "party_id") if party_id else None
    return CashbackSummariesOut.of(await edge.read(lambda uow: summaries.of_party(uow, own_party(uow, named))))


@router.post("/payments", status_code=201, response_model=PursePaymentOut)
@refuses(
    errors.CashbackPartyRequired,
    parties.PartyMissing,
    InsufficientFunds,
    wallets.LimitExceeded,
    wallets.WalletFrozen,
)
async def pay_from_purses(
    body: PursePaymentIn, edge: Edge = requires(Permission.TRANSFERS_CREATE, verification=Verification.ANY)
) -> Response:
    """Pay a merchant any amount, cashback first; with `dry_run=true` the answer shows which purse would pay what."""
    merchant = id_text(PartyId, body.merchant_id, "merchant_id")
    payer = id_text(PartyId, body.party_id, "party_id") if body.party_id else None
    return await edge.money(
        lambda uow: spending.pay(uow, payer, merchant, body.amount.money(), body.note), PursePaymentOut.of
    )


async def _record(uow: UnitOfWork, edge: Edge, body: PurchaseIn) -> Recorded:
    emails = {body.customer_email} if body.customer_email is not None else set()
    known = await parties.oldest_with_contacts(uow, edge.service("vault"), emails) if emails else {}
    return await purchases.record(uow, body.command(_buyer(body, known)))


async def _record_part(uow: UnitOfWork, edge: Edge, part: Sequence[PurchaseIn]) -> list[PurchaseOutcomeOut]:
    emails = {each.customer_email for each in part if each.customer_email is not None}
    known = await parties.oldest_with_contacts(uow, edge.service("vault"), emails) if emails else {}
    commands = [_command(body, known) for body in part]
    recorded = iter(await purchases.record_all(uow, [each for each in commands if isinstance(each, NewPurchase)]))
    outcomes = [next(recorded) if isinstance(each, NewPurchase) else each for each in commands]
    return [PurchaseOutcomeOut.of(body.external_id, each) for body, each in zip(part, outcomes, strict=True)]


def _command(body: PurchaseIn, known: Mapping[str, PartyId]) -> NewPurchase | SpecieError:
    """What the service takes, or why there is nothing to take."""
    try:
        return body.command(_buyer(body, known))
    except SpecieError as refusal:
        return refusal


def _buyer(body: PurchaseIn, known: Mapping[str, PartyId]) -> PartyId:
    if body.party_id is not None:
        return id_text(PartyId, body.party_id, "party_id")
    found = known.get(body.customer_email or "")
    if found is None:
        raise parties.PartyMissing("nobody here has this e-mail address", param="customer_email")
    return found


async def _told(uow: UnitOfWork, purchase_id: PurchaseId) -> Recorded:
    purchase = await purchases.get(uow, purchase_id)
    brought = await store.accruals_of(uow, purchase_id)
    if uow.scope.party_id == purchase.party_id:
        brought = [one for one in brought if one.party_id == purchase.party_id]
    return Recorded(purchase, brought, is_new=False)


async def _shown(uow: UnitOfWork, edge: Edge, found: Sequence[Accrual]) -> list[AccrualOut]:
    offers = await offer_store.offer_names(uow, [each.offer_id for each in found])
    bought = await store.purchases_by_ids(uow, [each.purchase_id for each in found])
    known = {party for each in found for party in (each.merchant_id, each.party_id)}
    names = await parties.names(uow, edge.service("vault"), list(known))
    left = await _left(uow, found)
    return [
        AccrualOut.of(
            ShownAccrual(
                each,
                _recognised(edge, each.party_id, names.get(each.party_id)),
                offers.get(each.offer_id),
                names.get(each.merchant_id),
                bought.get(each.purchase_id),
                left.get(each.id),
            )
        )
        for each in found
    ]


def _recognised(edge: Edge, party_id: PartyId, name: str | None) -> str | None:
    """A customer's name: whole for staff and the customer, for the merchant only what tells people apart."""
    if name is None or edge.scope.party_id in (None, party_id):
        return name
    return parties.masked(name)


async def _left(uow: UnitOfWork, found: Sequence[Accrual]) -> dict[AccrualId, Money]:
    purses = {(each.party_id, each.kept.currency) for each in found if each.state is AccrualState.AVAILABLE}
    left: dict[AccrualId, Money] = {}
    for party_id, currency in purses:
        left |= {lot.id: rest for lot, rest in await summaries.lots_of(uow, party_id, currency)}
    return left
