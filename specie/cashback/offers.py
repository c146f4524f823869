"""Offers: drafted, funded, activated, paused and ended; their budget is money that was paid in before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from specie import audit, events, ledger, parties, wallets
from specie.cashback import booking, merchants, offer_store, postings, terms_form
from specie.cashback import events as told
from specie.cashback.calculator import require_sound
from specie.cashback.errors import HouseOnly, OfferCannotMove, OfferMissing, OfferTermsInvalid, OfferUnfunded
from specie.cashback.events import CashbackEvent
from specie.cashback.model import FundedBy, Offer, OfferId, OfferMove, OfferState, Terms
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork

_TOLD = {
    OfferMove.ACTIVATE: CashbackEvent.OFFER_ACTIVATED,
    OfferMove.PAUSE: CashbackEvent.OFFER_PAUSED,
    OfferMove.END: CashbackEvent.OFFER_ENDED,
}


@dataclass(frozen=True, slots=True)
class NewOffer:
    """An offer to draft."""

    merchant_id: PartyId | None
    name: str
    funded_by: FundedBy
    terms: Terms


@dataclass(frozen=True, slots=True)
class Standing:
    """What an offer has left and has given, as its accounts say."""

    budget: Money
    given: Money


async def draft(uow: UnitOfWork, new: NewOffer) -> Offer:
    """Write down an offer that gives nothing yet, with an empty budget.

    Raises CashbackPartyRequired, MerchantUnknown, HouseOnly or OfferTermsInvalid.
    """
    merchant_id = merchants.own_party(uow, new.merchant_id)
    await merchants.get(uow, merchant_id)
    if new.funded_by is FundedBy.HOUSE and uow.scope.party_id is not None:
        raise HouseOnly("a merchant pays for its own offers")
    require_sound(new.terms)
    offer = await _opened(uow, merchant_id, new)
    await offer_store.insert_offer(uow, offer)
    await _note(uow, "offer.create", offer, after=terms_form.stored(offer.terms))
    await events.record(uow, told.offer_event(CashbackEvent.OFFER_CREATED, offer))
    return offer


async def _opened(uow: UnitOfWork, merchant_id: PartyId, new: NewOffer) -> Offer:
    offer_id, currency = OfferId.new(), new.terms.currency
    budget = await ledger.open_account(uow, postings.budget_account(offer_id, merchant_id, currency))
    source = await ledger.open_account(uow, postings.source_account(offer_id, currency))
    total = await ledger.open_account(uow, postings.total_account(offer_id, currency, new.terms.cap_total))
    return Offer(
        id=offer_id,
        merchant_id=merchant_id,
        name=new.name,
        funded_by=new.funded_by,
        state=OfferState.DRAFT,
        terms=new.terms,
        rule_version=1,
        budget=budget.id,
        source=source.id,
        total=total.id,
        version=1,
        created_at=uow.now,
        created_by=str(uow.scope.actor),
    )


async def get(uow: UnitOfWork, offer_id: OfferId, *, lock: bool = False) -> Offer:
    """One offer the caller may see. Raises OfferMissing."""
    offer = await offer_store.offer_by_id(uow, offer_id, lock=lock)
    if offer is None:
        raise OfferMissing(f"there is no offer {offer_id}")
    return offer


async def change(uow: UnitOfWork, offer_id: OfferId, name: str, terms: Terms) -> Offer:
    """Give an offer other terms for purchases from now on; what it gave before stays under the old ones.

    Raises OfferMissing, OfferCannotMove or OfferTermsInvalid.
    """
    before = await get(uow, offer_id, lock=True)
    if terms.currency.code != before.terms.currency.code:
        raise OfferTermsInvalid(f"the offer is in {before.terms.currency}", param="currency")
    require_sound(terms)
    offer = before.changed(name, terms)
    await offer_store.save_offer(uow, offer)
    await offer_store.insert_terms(uow, offer)
    floor = None if terms.cap_total is None else -terms.cap_total
    await ledger.set_floor(uow, offer.total, floor, reason=f"terms {offer.rule_version} of {offer.id}")
    await _note(uow, "offer.change", offer, terms_form.stored(before.terms), terms_form.stored(terms))
    await events.record(uow, told.offer_event(CashbackEvent.OFFER_CHANGED, offer))
    return offer


async def activate(uow: UnitOfWork, offer_id: OfferId) -> Offer:
    """Let an offer give cashback from now on.

    Raises OfferMissing, OfferCannotMove, MerchantInactive, KycRequired or OfferUnfunded.
    """
    offer = await get(uow, offer_id, lock=True)
    await merchants.require_active(uow, offer.merchant_id)
    await parties.require_verified(uow, offer.merchant_id)
    after = offer.after(OfferMove.ACTIVATE)
    if (await ledger.get_account(uow, offer.budget)).balance.minor == 0:
        raise OfferUnfunded("pay something into its budget first", offer_id=str(offer_id))
    return await _move(uow, offer, after, OfferMove.ACTIVATE)


async def pause(uow: UnitOfWork, offer_id: OfferId) -> Offer:
    """Let an offer give nothing for a while. Raises OfferMissing or OfferCannotMove."""
    offer = await get(uow, offer_id, lock=True)
    return await _move(uow, offer, offer.after(OfferMove.PAUSE), OfferMove.PAUSE)


async def end(uow: UnitOfWork, offer_id: OfferId) -> Offer:
    """End an offer for good; what is left of its budget can be taken out. Raises OfferMissing or OfferCannotMove."""
    offer = await get(uow, offer_id, lock=True)
    return await _move(uow, offer, offer.after(OfferMove.END), OfferMove.END)


async def fund(uow: UnitOfWork, offer_id: OfferId, amount: Money) -> Offer:
    """Pay into an offer's budget: from the merchant's wallet, or as an expense of the house.

    Raises OfferMissing, OfferCannotMove, WalletCurrency, InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    offer = await get(uow, offer_id, lock=True)
    _require_currency(offer, amount)
    if offer.state is OfferState.ENDED:
        raise OfferCannotMove("the offer has ended", state=str(offer.state))
    account, wallet = await _payer(uow, offer)
    limits = wallets.outgoing_legs(wallet, amount) if wallet else []
    event = told.offer_event(CashbackEvent.OFFER_FUNDED, offer, amount)
    await booking.post_request(uow, postings.fund(account, offer, amount, limits), event, amount.currency)
    return await _bumped(uow, offer, "offer.fund", amount)


async def withdraw(uow: UnitOfWork, offer_id: OfferId, amount: Money) -> Offer:
    """Take money out of an offer's budget, back to where it came from; what it has promised stays.

    Raises OfferMissing, OfferCannotMove, WalletCurrency, InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    offer = await get(uow, offer_id, lock=True)
    _require_currency(offer, amount)
    if offer.state is OfferState.ACTIVE:
        raise OfferCannotMove("pause the offer first", state=str(offer.state))
    account, wallet = await _payer(uow, offer)
    limits = wallets.incoming_legs(wallet, amount) if wallet else []
    event = told.offer_event(CashbackEvent.OFFER_WITHDRAWN, offer, amount)
    await booking.post_request(uow, postings.withdraw(offer, account, amount, limits), event, amount.currency)
    return await _bumped(uow, offer, "offer.withdraw", amount)


async def standings(uow: UnitOfWork, offers: Sequence[Offer]) -> dict[OfferId, Standing]:
    """What each offer has left and has given by now."""
    wanted = [account for offer in offers for account in (offer.budget, offer.total)]
    accounts = await ledger.accounts_by_ids(uow, wanted) if wanted else {}
    return {each.id: Standing(accounts[each.budget].balance, -accounts[each.total].balance) for each in offers}


async def _payer(uow: UnitOfWork, offer: Offer) -> tuple[AccountId, wallets.Wallet | None]:
    currency = offer.terms.currency
    if offer.funded_by is FundedBy.HOUSE:
        return (await ledger.ensure_account(uow, postings.promotion_account(currency))).id, None
    wallet = await wallets.ensure_wallet(uow, offer.merchant_id, currency)
    return wallet.available_account, wallet


def _require_currency(offer: Offer, amount: Money) -> None:
    if amount.currency.code != offer.terms.currency.code:
        raise wallets.WalletCurrency(f"the offer is in {offer.terms.currency}", param="amount")


async def _bumped(uow: UnitOfWork, offer: Offer, action: str, amount: Money) -> Offer:
    after = replace(offer, version=offer.version + 1)
    await offer_store.save_offer(uow, after)
    await _note(uow, action, after, after={"amount_minor": amount.minor, "currency": amount.currency.code})
    return after


async def _move(uow: UnitOfWork, before: Offer, after: Offer, move: OfferMove) -> Offer:
    await offer_store.save_offer(uow, after)
    await _note(uow, f"offer.{move}", after, {"state": str(before.state)}, {"state": str(after.state)})
    await events.record(uow, told.offer_event(_TOLD[move], after))
    return after


async def _note(
    uow: UnitOfWork,
    action: str,
    offer: Offer,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    await audit.record(uow, action=action, subject=("offer", str(offer.id)), before=before, after=after)
