"""Wire shapes of merchants, offers and workings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from specie.cashback.calculator import Worked
from specie.cashback.errors import OfferTermsInvalid
from specie.cashback.model import (
    Audience,
    CashbackMerchant,
    Clawback,
    FundedBy,
    Offer,
    Reward,
    RewardKind,
    Stacking,
    Terms,
    Tier,
)
from specie.cashback.offers import NewOffer, Standing
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform.http import Schema
from specie.platform.wire import Amount, AwareMoment, CurrencyCode, PositiveAmount, id_text

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*\S[^\x00]*$", examples=["Weekend coffee"])]
Reason = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
Days = Annotated[int, Field(ge=0, le=3650)]


def _rate(text: str) -> str:
    number = Decimal(text)
    if not 0 < number <= 1:
        raise PydanticCustomError("rate_invalid", "a rate is above 0 and at most 1, such as 0.05 for five percent")
    return text


Rate = Annotated[
    str,
    Field(pattern=r"^[01](\.[0-9]{1,6})?$", examples=["0.05"], description="A part of one, as decimal text"),
    AfterValidator(_rate),
]


class OfferTier(Schema):
    """From this amount on: a rate of the whole purchase, or a fixed amount."""

    since: Amount
    rate: Rate | None = None
    amount: PositiveAmount | None = None

    def value(self, currency: Currency) -> Tier:
        """The tier."""
        since = _money(self.since, currency, "reward.tiers")
        if since is None or since.minor < 0:
            raise OfferTermsInvalid("a tier starts at zero or above", param="reward.tiers")
        return Tier(since, Decimal(self.rate) if self.rate else None, _money(self.amount, currency, "reward.tiers"))


class OfferReward(Schema):
    """How much: a `rate` for percent, an `amount` for fixed, `tiers` for tiers."""

    kind: Literal["percent", "fixed", "tiers"]
    rate: Rate | None = None
    amount: PositiveAmount | None = None
    tiers: Annotated[list[OfferTier], Field(max_length=20)] = Field(default_factory=list)

    def value(self, currency: Currency) -> Reward:
        """The reward."""
        return Reward(
            RewardKind(self.kind),
            Decimal(self.rate) if self.rate else None,
            _money(self.amount, currency, "reward.amount"),
            tuple(tier.value(currency) for tier in self.tiers),
        )

    @classmethod
    def of(cls, reward: Reward) -> "OfferReward":
        """The wire form."""
        tiers = [
            OfferTier(since=Amount.of(tier.since), rate=_rate_text(tier.rate), amount=amount_of(tier.fixed))
            for tier in reward.tiers
        ]
        return cls(kind=reward.kind.value, rate=_rate_text(reward.rate), amount=amount_of(reward.fixed), tiers=tiers)


class OfferTerms(Schema):
    """What an offer promises. `priority`: the lowest number is asked first. Null is no limit, no end, no expiry."""

    currency: CurrencyCode
    reward: OfferReward
    minimum: Amount | None = None
    starts_at: AwareMoment | None = Field(None, description="Now, when it is left out")
    ends_at: AwareMoment | None = None
    cap_purchase: PositiveAmount | None = None
    cap_user: PositiveAmount | None = None
    cap_total: PositiveAmount | None = None
    priority: Annotated[int, Field(ge=0, le=10_000)] = 100
    stacking: Literal["exclusive", "stackable"] = "exclusive"
    return_days: Days = 14
    expiry_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    clawback: Literal["debt", "floor"] = "debt"
    audience: Literal["everyone", "referred", "referrer"] = Field(
        "everyone", description="Whom it is for: the last two give once, for the first purchase of who came by a code"
    )

    def value(self, now: datetime) -> Terms:
        """The terms. Raises OfferTermsInvalid when an amount is in another currency."""
        currency = Currency.of(self.currency)
        said = _money(self.minimum, currency, "minimum")
        minimum = Money.zero(currency) if said is None else said
        if minimum.minor < 0:
            raise OfferTermsInvalid("a minimum is not below zero", param="minimum")
        return Terms(
            currency=currency,
            reward=self.reward.value(currency),
            minimum=minimum,
            starts_at=self.starts_at or now,
            ends_at=self.ends_at,
            cap_purchase=_money(self.cap_purchase, currency, "cap_purchase"),
            cap_user=_money(self.cap_user, currency, "cap_user"),
            cap_total=_money(self.cap_total, currency, "cap_total"),
            priority=self.priority,
            stacking=Stacking(self.stacking),
            return_days=self.return_days,
            expiry_days=self.expiry_days,
            clawback=Clawback(self.clawback),
            audience=Audience(self.audience),
        )

    @classmethod
    def of(cls, terms: Terms) -> "OfferTerms":
        """The wire form."""
        return cls(
            currency=terms.currency.code,
            reward=OfferReward.of(terms.reward),
            minimum=Amount.of(terms.minimum),
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            cap_purchase=amount_of(terms.cap_purchase),
            cap_user=amount_of(terms.cap_user),
            cap_total=amount_of(terms.cap_total),
            priority=terms.priority,
            stacking=terms.stacking.value,
            return_days=terms.return_days,
            expiry_days=terms.expiry_days,
            clawback=terms.clawback.value,
            audience=terms.audience.value,
        )


class OfferIn(Schema):
    """An offer to draft."""

    merchant_id: str | None = Field(None, description="Needed unless the caller is limited to a party")
    name: Name
    funded_by: Literal["merchant", "house"] = "merchant"
    terms: OfferTerms

    def command(self, now: datetime) -> NewOffer:
        """What the service takes."""
        merchant = id_text(PartyId, self.merchant_id, "merchant_id") if self.merchant_id else None
        return NewOffer(merchant, self.name, FundedBy(self.funded_by), self.terms.value(now))


class OfferChangeIn(Schema):
    """An offer's name and terms from now on; what it gave before stays under the old ones."""

    name: Name
    terms: OfferTerms


class OfferBudgetIn(Schema):
    """Money for a budget, or out of it."""

    amount: PositiveAmount


class OfferPreviewIn(Schema):
    """Terms to try on a purchase."""

    terms: OfferTerms
    amount: PositiveAmount


class WorkingStepOut(Schema):
    """One step of a working and what it gives."""

    step: str
    gives: Amount
    of: Amount | None = None
    limit: Amount | None = None
    since: Amount | None = None
    rate: str | None = None

    @classmethod
    def read(cls, step: Mapping[str, Any], currency: Currency) -> "WorkingStepOut":
        """The wire form of a stored step."""
        found = {name: Amount(amount=step[name], currency=currency.code) for name in _AMOUNTS if name in step}
        return cls(step=step["step"], rate=step.get("rate"), **found)


_AMOUNTS = ("gives", "of", "limit", "since")


class WorkingOut(Schema):
    """How much a purchase would bring, and why."""

    amount: Amount
    steps: list[WorkingStepOut]

    @classmethod
    def of(cls, worked: Worked) -> "WorkingOut":
        """The wire form."""
        steps = [WorkingStepOut.read(step, worked.amount.currency) for step in worked.steps]
        return cls(amount=Amount.of(worked.amount), steps=steps)


class AccrualCount(Schema):
    """How much cashback of an offer is in one state."""

    status: str
    number: int
    amount: Amount


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """An offer with everything its answers tell."""

    offer: Offer
    standing: Standing
    merchant_name: str | None
    counts: Mapping[str, tuple[int, int]]


class OfferOut(Schema):
    """An offer with what is left of its budget and what it has given."""

    id: str
    merchant_id: str
    merchant_name: str | None
    name: str
    funded_by: str
    status: str
    rule_version: int
    terms: OfferTerms
    budget_left: Amount
    given: Amount
    accruals: list[AccrualCount]
    created_at: datetime
    version: int

    @classmethod
    def of(cls, shown: ShownOffer) -> "OfferOut":
        """The wire form."""
        offer, currency = shown.offer, shown.offer.terms.currency
        counts: Sequence[AccrualCount] = [
            AccrualCount(status=state, number=number, amount=Amount(amount=kept, currency=currency.code))
            for state, (number, kept) in sorted(shown.counts.items())
        ]
        return cls(
            id=str(offer.id),
            merchant_id=str(offer.merchant_id),
            merchant_name=shown.merchant_name,
            name=offer.name,
            funded_by=offer.funded_by.value,
            status=offer.state.value,
            rule_version=offer.rule_version,
            terms=OfferTerms.of(offer.terms),
            budget_left=Amount.of(shown.standing.budget),
            given=Amount.of(shown.standing.given),
            accruals=list(counts),
            created_at=offer.created_at,
            version=offer.version,
        )


class CashbackMerchantIn(Schema):
    """A merchant that wants to offer cashback."""

    party_id: str | None = Field(None, description="Needed unless the caller is limited to a party")


class CashbackReasonIn(Schema):
    """Why."""

    reason: Reason


class CashbackMerchantOut(Schema):
    """How far a merchant's activation is."""

    party_id: str
    name: str | None
    status: str
    is_verified: bool
    reason: str
    offers: dict[str, int]
    applied_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(
        cls, merchant: CashbackMerchant, name: str | None, is_verified: bool, offers: Mapping[str, int]
    ) -> "CashbackMerchantOut":
        """The wire form."""
        return cls(
            party_id=str(merchant.party_id),
            name=name,
            status=merchant.state.value,
            is_verified=is_verified,
            reason=merchant.reason,
            offers=dict(offers),
            applied_at=merchant.applied_at,
            updated_at=merchant.updated_at,
            version=merchant.version,
        )


def amount_of(money: Money | None) -> Amount | None:
    """The wire form of an amount that may be missing."""
    return None if money is None else Amount.of(money)


def _money(amount: Amount | None, currency: Currency, param: str) -> Money | None:
    if amount is None:
        return None
    if amount.currency != currency.code:
        raise OfferTermsInvalid(f"every amount of an offer is in its currency, {currency}", param=param)
    return amount.money()


def _rate_text(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate.normalize():f}"
