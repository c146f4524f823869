"""Merchants of cashback and their offers over HTTP."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.responses import Response

from specie import parties, wallets
from specie.cashback import errors, merchants, offer_store, offers, store
from specie.cashback.calculator import require_sound, reward_of
from specie.cashback.model import CashbackMerchant, Offer, OfferId
from specie.cashback.offer_schemas import (
    CashbackMerchantIn,
    CashbackMerchantOut,
    CashbackReasonIn,
    OfferBudgetIn,
    OfferChangeIn,
    OfferIn,
    OfferOut,
    OfferPreviewIn,
    ShownOffer,
    WorkingOut,
)
from specie.kernel.ids import PartyId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission, Verification
from specie.ledger import InsufficientFunds
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, id_text

router = ApiRouter(prefix="/cashback", tags=["Cashback"])

Limit = Annotated[int, Query(ge=1, le=100)]
OfferStatus = Literal["draft", "active", "paused", "ended"]
MerchantStatus = Literal["applied", "active", "suspended"]
_OFFERS, _MERCHANTS = "cashback_offers", "cashback_merchants"
_MONEY = (InsufficientFunds, wallets.LimitExceeded, wallets.WalletFrozen, wallets.WalletCurrency)


@router.get("/merchants", response_model=ListOf[CashbackMerchantOut])
async def list_cashback_merchants(
    edge: Edge = requires(Permission.CASHBACK_READ),
    status: MerchantStatus | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Merchants that offer cashback or want to; a merchant sees itself."""
    key = edge.cursor(_MERCHANTS, cursor)

    async def read(uow: UnitOfWork) -> Page[CashbackMerchantOut]:
        page = await offer_store.list_merchants(uow, state=status, after=key, limit=limit)
        return Page(await _shown_merchants(uow, edge, page.items), page.next_key)

    return edge.page(_MERCHANTS, await edge.read(read), lambda shown: shown)


@router.post("/merchants", status_code=201, response_model=CashbackMerchantOut)
@refuses(errors.CashbackPartyRequired, parties.PartyMissing)
async def apply_for_cashback(body: CashbackMerchantIn, edge: Edge = requires(Permission.CASHBACK_WRITE)) -> Response:
    """Ask to offer cashback; the house activates verified merchants."""
    party_id = id_text(PartyId, body.party_id, "party_id") if body.party_id else None
    return await _merchant(edge, lambda uow: merchants.apply_for(uow, party_id), status=201)


@router.post("/merchants/{party_id}/activate", response_model=CashbackMerchantOut)
@refuses(errors.MerchantUnknown, errors.MerchantCannotMove, parties.KycRequired)
async def activate_merchant(
    party_id: str, body: CashbackReasonIn, edge: Edge = requires(Permission.CASHBACK_MANAGE)
) -> Response:
    """Let a verified merchant offer cashback."""
    wanted = id_text(PartyId, party_id, "party_id")
    return await _merchant(edge, lambda uow: merchants.activate(uow, wanted, body.reason))


@router.post("/merchants/{party_id}/suspend", response_model=CashbackMerchantOut)
@refuses(errors.MerchantUnknown, errors.MerchantCannotMove)
async def suspend_merchant(
    party_id: str, body: CashbackReasonIn, edge: Edge = requires(Permission.CASHBACK_MANAGE)
) -> Response:
    """Stop a merchant's offers; what they gave stays."""
    wanted = id_text(PartyId, party_id, "party_id")
    return await _merchant(edge, lambda uow: merchants.suspend(uow, wanted, body.reason))


@router.post("/offers/preview", response_model=WorkingOut)
@refuses(errors.OfferTermsInvalid)
async def preview_offer(body: OfferPreviewIn, edge: Edge = requires(Permission.CASHBACK_READ)) -> WorkingOut:
    """What terms would give for a purchase, step by step, if the budget and the caps have room. Nothing is kept."""
    terms = body.terms.value(edge.scope.clock.now())
    require_sound(terms)
    amount = body.amount.money()
    if amount.currency.code != terms.currency.code:
        raise errors.OfferTermsInvalid(f"the offer is in {terms.currency}", param="amount")
    return WorkingOut.of(reward_of(terms, amount))


@router.get("/offers", response_model=ListOf[OfferOut])
async def list_offers(
    edge: Edge = requires(Permission.CASHBACK_READ),
    status: OfferStatus | None = None,
    merchant_id: str | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Offers with their budgets, the newest first; a merchant sees its own."""
    key = edge.cursor(_OFFERS, cursor)
    merchant = id_text(PartyId, merchant_id, "merchant_id") if merchant_id else None

    async def read(uow: UnitOfWork) -> Page[OfferOut]:
        page = await offer_store.list_offers(uow, state=status, merchant_id=merchant, after=key, limit=limit)
        return Page(await _shown_offers(uow, edge, page.items), page.next_key)

    return edge.page(_OFFERS, await edge.read(read), lambda shown: shown)


@router.post("/offers", status_code=201, response_model=OfferOut)
@refuses(errors.CashbackPartyRequired, errors.MerchantUnknown, errors.HouseOnly, errors.OfferTermsInvalid)
async def draft_offer(body: OfferIn, edge: Edge = requires(Permission.CASHBACK_WRITE)) -> Response:
    """Draft an offer; it gives nothing until it is funded and activated."""
    return await _offer(edge, lambda uow: offers.draft(uow, body.command(uow.now)), status=201)


@router.get("/offers/{offer_id}", response_model=OfferOut)
@refuses(errors.OfferMissing)
async def show_offer(offer_id: str, edge: Edge = requires(Permission.CASHBACK_READ)) -> OfferOut:
    """One offer with its budget and what it has given."""
    wanted = id_text(OfferId, offer_id, "offer_id")

    async def read(uow: UnitOfWork) -> OfferOut:
        [shown] = await _shown_offers(uow, edge, [await offers.get(uow, wanted)])
        return shown

    return await edge.read(read)


@router.put("/offers/{offer_id}", response_model=OfferOut)
@refuses(errors.OfferMissing, errors.OfferCannotMove, errors.OfferTermsInvalid)
async def change_offer(
    offer_id: str, body: OfferChangeIn, edge: Edge = requires(Permission.CASHBACK_WRITE)
) -> Response:
    """Give a drafted or paused offer other terms for purchases from now on."""
    wanted = id_text(OfferId, offer_id, "offer_id")
    return await _offer(edge, lambda uow: offers.change(uow, wanted, body.name, body.terms.value(uow.now)))


@router.post("/offers/{offer_id}/activate", response_model=OfferOut)
@refuses(
    errors.OfferMissing, errors.OfferCannotMove, errors.MerchantInactive, errors.OfferUnfunded, parties.KycRequired
)
async def activate_offer(offer_id: str, edge: Edge = requires(Permission.CASHBACK_WRITE)) -> Response:
    """Let a funded offer give cashback from now on."""
    wanted = id_text(OfferId, offer_id, "offer_id")
    return await _offer(edge, lambda uow: offers.activate(uow, wanted))


@router.post("/offers/{offer_id}/pause", response_model=OfferOut)
@refuses(errors.OfferMissing, errors.OfferCannotMove)
async def pause_offer(offer_id: str, edge: Edge = requires(Permission.CASHBACK_WRITE)) -> Response:
    """Let an offer give nothing for a while."""
    wanted = id_text(OfferId, offer_id, "offer_id")
    return await _offer(edge, lambda uow: offers.pause(uow, wanted))


@router.post("/offers/{offer_id}/end", response_model=OfferOut)
@refuses(errors.OfferMissing, errors.OfferCannotMove)
async def end_offer(offer_id: str, edge: Edge = requires(Permission.CASHBACK_WRITE)) -> Response:
    """End an offer for good; what is left of its budget can then be taken out."""
    wanted = id_text(OfferId, offer_id, "offer_id")
    return await _offer(edge, lambda uow: offers.end(uow, wanted))


@router.post("/offers/{offer_id}/fund", status_code=201, response_model=OfferOut)
@refuses(errors.OfferMissing, errors.OfferCannotMove, *_MONEY)
async def fund_offer(
    offer_id: str, body: OfferBudgetIn, edge: Edge = requires(Permission.CASHBACK_WRITE, verification=Verification.ANY)
) -> Response:
    """Pay into an offer's budget: from the merchant's wallet, or as an expense of the house for its own offers."""
    wanted = id_text(OfferId, offer_id, "offer_id")
    return await edge.money(_then_shown(edge, lambda uow: offers.fund(uow, wanted, body.amount.money())), _itself)


@router.post("/offers/{offer_id}/withdraw", status_code=201, response_model=OfferOut)
@refuses(errors.OfferMissing, errors.OfferCannotMove, *_MONEY)
async def withdraw_budget(
    offer_id: str, body: OfferBudgetIn, edge: Edge = requires(Permission.CASHBACK_WRITE, verification=Verification.ANY)
) -> Response:
    """Take money out of the budget of an offer that is not active, back to where it came from."""
    wanted = id_text(OfferId, offer_id, "offer_id")
    return await edge.money(_then_shown(edge, lambda uow: offers.withdraw(uow, wanted, body.amount.money())), _itself)


def _itself(shown: Any) -> Any:
    return shown


async def _offer(edge: Edge, work: Callable[[UnitOfWork], Awaitable[Offer]], status: int = 200) -> Response:
    return await edge.write(_then_shown(edge, work), _itself, status=status)


def _then_shown(
    edge: Edge, work: Callable[[UnitOfWork], Awaitable[Offer]]
) -> Callable[[UnitOfWork], Awaitable[OfferOut]]:
    async def done(uow: UnitOfWork) -> OfferOut:
        [shown] = await _shown_offers(uow, edge, [await work(uow)])
        return shown

    return done


async def _shown_offers(uow: UnitOfWork, edge: Edge, found: Sequence[Offer]) -> list[OfferOut]:
    names = await parties.names(uow, edge.service("vault"), list({offer.merchant_id for offer in found}))
    standings = await offers.standings(uow, found)
    counts = await store.counts_of(uow, [offer.id for offer in found]) if found else {}
    return [
        OfferOut.of(ShownOffer(offer, standings[offer.id], names.get(offer.merchant_id), counts.get(offer.id, {})))
        for offer in found
    ]


async def _merchant(
    edge: Edge, work: Callable[[UnitOfWork], Awaitable[CashbackMerchant]], status: int = 200
) -> Response:
    async def done(uow: UnitOfWork) -> CashbackMerchantOut:
        [shown] = await _shown_merchants(uow, edge, [await work(uow)])
        return shown

    return await edge.write(done, _itself, status=status)


async def _shown_merchants(uow: UnitOfWork, edge: Edge, found: Sequence[CashbackMerchant]) -> list[CashbackMerchantOut]:
    ids = [merchant.party_id for merchant in found]
    names = await parties.names(uow, edge.service("vault"), ids)
    tiers = await parties.tiers(uow, ids)
    counts = await offer_store.offers_by_state(uow, ids) if ids else {}
    return [
        CashbackMerchantOut.of(
            each, names.get(each.party_id), tiers.get(each.party_id) == "verified", counts.get(each.party_id, {})
        )
        for each in found
    ]
