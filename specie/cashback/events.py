"""What cashback tells: one event for every change of state, with the object's version."""

from enum import StrEnum

from specie.cashback.model import Accrual, CashbackMerchant, Offer, Purchase
from specie.events import NewEvent
from specie.kernel.money import Money


class CashbackEvent(StrEnum):
    """The facts this module publishes."""

    MERCHANT_APPLIED = "cashback_merchant.applied"
    MERCHANT_ACTIVATED = "cashback_merchant.activated"
    MERCHANT_SUSPENDED = "cashback_merchant.suspended"
    OFFER_CREATED = "offer.created"
    OFFER_CHANGED = "offer.changed"
    OFFER_ACTIVATED = "offer.activated"
    OFFER_PAUSED = "offer.paused"
    OFFER_ENDED = "offer.ended"
    OFFER_FUNDED = "offer.funded"
    OFFER_WITHDRAWN = "offer.withdrawn"
    PURCHASE_RECORDED = "purchase.recorded"
    PURCHASE_CONFIRMED = "purchase.confirmed"
    PURCHASE_REJECTED = "purchase.rejected"
    PURCHASE_RETURNED = "purchase.returned"
    ACCRUED = "cashback.accrued"
    AVAILABLE = "cashback.available"
    EXPIRING = "cashback.expiring"
    EXPIRED = "cashback.expired"
    USED_UP = "cashback.used_up"
    TAKEN_BACK = "cashback.taken_back"
    SPENT = "cashback.spent"


CATALOGUE: dict[str, str] = {
    CashbackEvent.MERCHANT_APPLIED: "A merchant wants to offer cashback.",
    CashbackEvent.MERCHANT_ACTIVATED: "A verified merchant may offer cashback.",
    CashbackEvent.MERCHANT_SUSPENDED: "A merchant's offers give nothing more; what was given stays.",
    CashbackEvent.OFFER_CREATED: "An offer has been drafted.",
    CashbackEvent.OFFER_CHANGED: "An offer has new terms for purchases from now on.",
    CashbackEvent.OFFER_ACTIVATED: "An offer gives cashback from now on.",
    CashbackEvent.OFFER_PAUSED: "An offer gives nothing until it is activated again.",
    CashbackEvent.OFFER_ENDED: "An offer gives nothing more, for good.",
    CashbackEvent.OFFER_FUNDED: "Money was paid into an offer's budget.",
    CashbackEvent.OFFER_WITHDRAWN: "Money was taken out of an offer's budget.",
    CashbackEvent.PURCHASE_RECORDED: "A merchant told of a purchase.",
    CashbackEvent.PURCHASE_CONFIRMED: "The purchase stands; its cashback waits for the return window to close.",
    CashbackEvent.PURCHASE_REJECTED: "The purchase does not count; its cashback went back to the offers.",
    CashbackEvent.PURCHASE_RETURNED: "Goods came back; `reversed` says that nothing was kept.",
    CashbackEvent.ACCRUED: "An offer gives cashback for a purchase; it is pending.",
    CashbackEvent.AVAILABLE: "Cashback can be spent.",
    CashbackEvent.EXPIRING: "Cashback runs out soon unless it is spent.",
    CashbackEvent.EXPIRED: "Cashback that was not spent in time has run out.",
    CashbackEvent.USED_UP: "The time of some cashback is over, and all of it had been spent.",
    CashbackEvent.TAKEN_BACK: "Cashback was taken back because goods came back.",
    CashbackEvent.SPENT: "A customer paid a merchant from the purses, cashback first.",
}


def merchant_event(kind: CashbackEvent, merchant: CashbackMerchant) -> NewEvent:
    """Something about a merchant's activation."""
    told = {"party_id": str(merchant.party_id), "status": str(merchant.state), "reason": merchant.reason}
    return NewEvent(
        type=str(kind),
        subject=("cashback_merchant", str(merchant.party_id)),
        version=merchant.version,
        data={"merchant": told},
        party_id=merchant.party_id,
    )


def offer_event(kind: CashbackEvent, offer: Offer, amount: Money | None = None) -> NewEvent:
    """Something about an offer; `amount` is what was paid in or taken out."""
    told = {
        "id": str(offer.id),
        "merchant_id": str(offer.merchant_id),
        "name": offer.name,
        "status": str(offer.state),
        "rule_version": offer.rule_version,
        "funded_by": str(offer.funded_by),
        "currency": offer.terms.currency.code,
    }
    more = {} if amount is None else {"amount": amount.as_json()}
    return NewEvent(
        type=str(kind),
        subject=("offer", str(offer.id)),
        version=offer.version,
        data={"offer": told, **more},
        party_id=offer.merchant_id,
    )


def purchase_event(kind: CashbackEvent, purchase: Purchase) -> NewEvent:
    """Something about a purchase."""
    told = {
        "id": str(purchase.id),
        "merchant_id": str(purchase.merchant_id),
        "party_id": str(purchase.party_id),
        "external_id": purchase.external_id,
        "status": str(purchase.state),
        "amount": purchase.amount.as_json(),
        "returned": purchase.returned.as_json(),
        "occurred_at": purchase.occurred_at.isoformat(),
        "reason": purchase.reason,
    }
    return NewEvent(
        type=str(kind),
        subject=("purchase", str(purchase.id)),
        version=purchase.version,
        data={"purchase": told},
        party_id=purchase.merchant_id,
    )


def accrual_event(kind: CashbackEvent, accrual: Accrual, amount: Money) -> NewEvent:
    """Something about cashback; `amount` is what this event moves."""
    told = {
        "id": str(accrual.id),
        "purchase_id": str(accrual.purchase_id),
        "offer_id": str(accrual.offer_id),
        "rule_version": accrual.rule_version,
        "party_id": str(accrual.party_id),
        "merchant_id": str(accrual.merchant_id),
        "status": str(accrual.state),
        "amount": amount.as_json(),
        "granted": accrual.granted.as_json(),
        "kept": accrual.kept.as_json(),
        "matures_at": accrual.matures_at.isoformat(),
        "expires_at": accrual.expires_at.isoformat() if accrual.expires_at else None,
    }
    return NewEvent(
        type=str(kind),
        subject=("cashback", str(accrual.id)),
        version=accrual.version,
        data={"cashback": told},
        party_id=accrual.party_id,
    )
