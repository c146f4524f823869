"""How much cashback a purchase brings, with the working; no I/O, no clock, and the same answer for ever.

All amounts are whole minor units. A rate's result is rounded down, once, before any cap. A working is a list of steps,
each with what it `gives`; it is stored with the cashback and needs nothing else to be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from typing import Any

from specie.cashback.errors import OfferTermsInvalid
from specie.cashback.model import OfferId, Reward, RewardKind, Stacking, Terms, Tier
from specie.kernel.money import Money

MOST_DAYS = 3650
MOST_TIERS = 20

Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rooms:
    """What an offer could still give to this customer when it was asked; None is no limit."""

    budget: Money
    user: Money | None = None
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that fits a purchase, with what it has left."""

    offer_id: OfferId
    rule_version: int
    terms: Terms
    rooms: Rooms


@dataclass(frozen=True, slots=True)
class Worked:
    """An amount and how it came about."""

    amount: Money
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Grant:
    """What one offer gives. `room` is the most that budget, caps and the other offers allowed."""

    offer_id: OfferId
    rule_version: int
    amount: Money
    room: Money
    steps: Sequence[Step]


def reward_of(terms: Terms, amount: Money) -> Worked:
    """What the terms alone give for a purchase of this amount, whatever the offer has left."""
    nothing = Money.zero(amount.currency)
    if amount < terms.minimum:
        step = {"step": "minimum", "limit": terms.minimum.minor, "of": amount.minor, "gives": 0}
        return Worked(nothing, [step])
    given, plain = _plain(terms.reward, amount)
    steps: list[Step] = [plain]
    if given > amount:
        given = amount
        steps.append({"step": "purchase", "limit": amount.minor, "gives": given.minor})
    if terms.cap_purchase is not None and given > terms.cap_purchase:
        given = terms.cap_purchase
        steps.append({"step": "cap_purchase", "limit": given.minor, "gives": given.minor})
    return Worked(given, steps)


def _plain(reward: Reward, amount: Money) -> tuple[Money, Step]:
    if reward.kind is not RewardKind.TIERS:
        return _given(reward.rate, reward.fixed, amount, {})
    reached = [tier for tier in reward.tiers if tier.since <= amount]
    if not reached:
        return Money.zero(amount.currency), {"step": "no_tier", "of": amount.minor, "gives": 0}
    tier = reached[-1]
    return _given(tier.rate, tier.fixed, amount, {"since": tier.since.minor})


def _given(rate: Decimal | None, fixed: Money | None, amount: Money, more: dict[str, Any]) -> tuple[Money, Step]:
    if rate is not None:
        given = amount.rate(rate, ROUND_DOWN)
        return given, {"step": "rate", "rate": f"{rate:f}", "of": amount.minor, "gives": given.minor} | more
    given = fixed if fixed is not None else Money.zero(amount.currency)
    return given, {"step": "fixed", "of": amount.minor, "gives": given.minor} | more


def walk(amount: Money, candidates: Sequence[Candidate]) -> list[Grant]:
    """Which offers give how much for a purchase, in their order of priority.

    An exclusive offer gives alone: it is passed over once another has given, and ends the walk when it gives first. An
    offer that has nothing to give is passed over. Together the offers give no more than was paid.
    """
    grants: list[Grant] = []
    left = amount
    for candidate in sorted(candidates, key=lambda each: (each.terms.priority, str(each.offer_id))):
        alone = candidate.terms.stacking is Stacking.EXCLUSIVE
        if alone and grants:
            continue
        grant = _grant(candidate, amount, left)
        if grant.amount.minor == 0:
            continue
        grants.append(grant)
        left = left - grant.amount
        if alone:
            break
    return grants


def _grant(candidate: Candidate, amount: Money, left: Money) -> Grant:
    worked = reward_of(candidate.terms, amount)
    given, room, steps = worked.amount, left, list(worked.steps)
    rooms = candidate.rooms
    limits = (("stacked", left), ("cap_user", rooms.user), ("cap_total", rooms.total), ("budget", rooms.budget))
    for name, limit in limits:
        if limit is None:
            continue
        room = min(room, limit)
        if given > limit:
            given = max(limit, Money.zero(amount.currency))
            steps.append({"step": name, "limit": limit.minor, "gives": given.minor})
    return Grant(candidate.offer_id, candidate.rule_version, given, max(room, Money.zero(amount.currency)), steps)


def kept_after(terms: Terms, room: Money, kept_goods: Money) -> Worked:
    """What cashback is due once some goods came back: as if only what was kept had been bought.

    It depends on nothing but what was kept, so any series of returns ends where one return of their sum does.
    """
    worked = reward_of(terms, kept_goods)
    if worked.amount <= room:
        return worked
    step = {"step": "room", "limit": room.minor, "gives": room.minor}
    return Worked(room, [*worked.steps, step])


def require_sound(terms: Terms) -> None:
    """Raise OfferTermsInvalid, naming the field, for terms that contradict each other.

    What they give never falls when a purchase grows, so that a return never gives more cashback.
    """
    if terms.ends_at is not None and terms.ends_at <= terms.starts_at:
        raise OfferTermsInvalid("an offer ends after it has started", param="ends_at")
    if not 0 <= terms.return_days <= MOST_DAYS:
        raise OfferTermsInvalid(f"a return window has 0 to {MOST_DAYS} days", param="return_days")
    if terms.expiry_days is not None and not 1 <= terms.expiry_days <= MOST_DAYS:
        raise OfferTermsInvalid(f"cashback runs out after 1 to {MOST_DAYS} days", param="expiry_days")
    _require_reward(terms.reward)


def _require_reward(reward: Reward) -> None:
    if reward.kind is RewardKind.TIERS:
        _require_tiers(reward.tiers)
        return
    wanted_rate = reward.kind is RewardKind.PERCENT
    if reward.tiers or (reward.rate is not None) is not wanted_rate or (reward.fixed is None) is not wanted_rate:
        raise OfferTermsInvalid("a percent offer has a rate, a fixed one an amount", param="reward")
    _require_value(reward.rate, reward.fixed)


def _require_tiers(tiers: Sequence[Tier]) -> None:
    if not 1 <= len(tiers) <= MOST_TIERS:
        raise OfferTermsInvalid(f"an offer has 1 to {MOST_TIERS} tiers", param="reward.tiers")
    for tier in tiers:
        if (tier.rate is None) is (tier.fixed is None):
            raise OfferTermsInvalid("each tier has a rate or an amount", param="reward.tiers")
        _require_value(tier.rate, tier.fixed)
    for low, high in pairwise(tiers):
        if low.since >= high.since:
            raise OfferTermsInvalid("tiers stand in rising order", param="reward.tiers")
        if not _is_no_less(low, high):
            raise OfferTermsInvalid("a higher tier gives at least as much, in the same way", param="reward.tiers")


def _require_value(rate: Decimal | None, fixed: Money | None) -> None:
    if rate is not None and not 0 < rate <= 1:
        raise OfferTermsInvalid("a rate is above 0 and at most 1", param="reward")
    if fixed is not None and fixed.minor <= 0:
        raise OfferTermsInvalid("an amount is above zero", param="reward")


def _is_no_less(low: Tier, high: Tier) -> bool:
    if low.rate is not None and high.rate is not None:
        return high.rate >= low.rate
    if low.fixed is not None and high.fixed is not None:
        return high.fixed >= low.fixed
    return False
