"""How much cashback a purchase brings: the same answer for ever, in whole minor units, with its working."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specie.cashback import terms_form
from specie.cashback.calculator import Candidate, Rooms, kept_after, require_sound, reward_of, walk
from specie.cashback.errors import OfferTermsInvalid
from specie.cashback.model import Clawback, OfferId, Reward, RewardKind, Stacking, Terms, Tier
from specie.kernel.money import Currency, Money

IDR, JPY, KWD = (Currency.of(code) for code in ("IDR", "JPY", "KWD"))
STARTED = datetime(2026, 1, 1, tzinfo=UTC)


def percent(rate: str, currency: Currency = IDR, **more: object) -> Terms:
    reward = Reward(RewardKind.PERCENT, rate=Decimal(rate))
    return Terms(currency, reward, more.pop("minimum", Money.zero(currency)), STARTED, **more)  # type: ignore[arg-type]


def fixed(minor: int, currency: Currency = IDR, **more: object) -> Terms:
    reward = Reward(RewardKind.FIXED, fixed=Money(minor, currency))
    return Terms(currency, reward, more.pop("minimum", Money.zero(currency)), STARTED, **more)  # type: ignore[arg-type]


def tiers(currency: Currency, *steps: tuple[int, str]) -> Terms:
    found = [Tier(Money(since, currency), Decimal(rate)) for since, rate in steps]
    return Terms(currency, Reward(RewardKind.TIERS, tiers=found), Money.zero(currency), STARTED)


def candidate(terms: Terms, budget: int = 10**9, user: int | None = None, total: int | None = None) -> Candidate:
    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, terms.currency)

    return Candidate(OfferId.new(), 1, terms, Rooms(Money(budget, terms.currency), money(user), money(total)))


def test_a_rate_is_rounded_down_once_in_the_smallest_unit_of_the_currency() -> None:
    assert reward_of(percent("0.05"), Money(99_99, IDR)).amount == Money(4_99, IDR)
    assert reward_of(percent("0.033", JPY), Money(1_000, JPY)).amount == Money(33, JPY)
    assert reward_of(percent("0.015", JPY), Money(99, JPY)).amount == Money(1, JPY)
    assert reward_of(percent("0.0125", KWD), Money(10_999, KWD)).amount == Money(137, KWD)


def test_the_working_says_every_step_and_what_it_gives() -> None:
    terms = percent("0.1", cap_purchase=Money(50_00, IDR))
    assert reward_of(terms, Money(900_00, IDR)).steps == [
        {"step": "rate", "rate": "0.1", "of": 900_00, "gives": 90_00},
        {"step": "cap_purchase", "limit": 50_00, "gives": 50_00},
    ]
    [grant] = walk(Money(900_00, IDR), [candidate(terms, budget=7_00, user=20_00, total=30_00)])
    assert [step["step"] for step in grant.steps] == ["rate", "cap_purchase", "cap_user", "budget"]
    assert (grant.amount, grant.room) == (Money(7_00, IDR), Money(7_00, IDR))


def test_a_purchase_below_the_minimum_or_the_first_tier_brings_nothing() -> None:
    below = reward_of(percent("0.1", minimum=Money(100, IDR)), Money(99, IDR))
    assert (below.amount.minor, below.steps[0]["step"]) == (0, "minimum")
    graded = tiers(IDR, (100, "0.01"), (1000, "0.05"))
    assert [reward_of(graded, Money(minor, IDR)).amount.minor for minor in (99, 100, 999, 1000)] == [0, 1, 9, 50]


def test_a_fixed_amount_never_exceeds_what_was_paid() -> None:
    assert reward_of(fixed(5_000), Money(3_000, IDR)).amount == Money(3_000, IDR)


def test_an_exclusive_offer_gives_alone_and_stackable_ones_together() -> None:
    alone, first = percent("0.05", priority=2), percent("0.1", priority=1, stacking=Stacking.STACKABLE)
    second = fixed(50, priority=3, stacking=Stacking.STACKABLE)
    bought = Money(1_000, IDR)
    assert [grant.amount.minor for grant in walk(bought, [candidate(alone), candidate(second)])] == [50]
    together = [candidate(second), candidate(alone), candidate(first)]
    assert [grant.amount.minor for grant in walk(bought, together)] == [100, 50]


def test_an_offer_with_nothing_left_lets_the_next_one_give() -> None:
    empty, next_one = candidate(percent("0.1", priority=1), budget=0), candidate(percent("0.02", priority=2))
    [grant] = walk(Money(1_000, IDR), [empty, next_one])
    assert (grant.offer_id, grant.amount.minor) == (next_one.offer_id, 20)


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        (percent("0"), "reward"),
        (percent("1.01"), "reward"),
        (fixed(0), "reward"),
        (tiers(IDR), "reward.tiers"),
        (tiers(IDR, (100, "0.1"), (100, "0.2")), "reward.tiers"),
        (tiers(IDR, (100, "0.1"), (200, "0.05")), "reward.tiers"),
        (percent("0.1", ends_at=STARTED), "ends_at"),
        (percent("0.1", return_days=-1), "return_days"),
        (percent("0.1", expiry_days=0), "expiry_days"),
    ],
)
def test_terms_that_contradict_each_other_are_refused_by_field(terms: Terms, param: str) -> None:
    with pytest.raises(OfferTermsInvalid) as refusal:
        require_sound(terms)
    assert refusal.value.param == param


AMOUNTS = st.integers(1, 10**13)
CURRENCIES = st.sampled_from([IDR, JPY, KWD])
RATES = st.integers(1, 10_000).map(lambda part: Decimal(part) / 10_000)


def rewards(unit: Currency) -> st.SearchStrategy[Reward]:
    """Rewards that `require_sound` takes."""

    def graded(steps: list[tuple[int, Decimal]]) -> Reward:
        rates = sorted(rate for _, rate in steps)
        both = zip(sorted(since for since, _ in steps), rates, strict=True)
        return Reward(RewardKind.TIERS, tiers=tuple(Tier(Money(since, unit), rate) for since, rate in both))

    steps = st.lists(st.tuples(st.integers(0, 10**12), RATES), min_size=1, max_size=4, unique_by=lambda step: step[0])
    return (
        RATES.map(lambda rate: Reward(RewardKind.PERCENT, rate=rate))
        | AMOUNTS.map(lambda minor: Reward(RewardKind.FIXED, fixed=Money(minor, unit)))
        | steps.map(graded)
    )


def terms_in(unit: Currency) -> st.SearchStrategy[Terms]:
    """Terms in a currency that `require_sound` takes."""
    money = st.integers(1, 10**12).map(lambda minor: Money(minor, unit))
    return st.builds(
        Terms,
        currency=st.just(unit),
        reward=rewards(unit),
        minimum=money,
        starts_at=st.just(STARTED),
        ends_at=st.none(),
        cap_purchase=st.none() | money,
        cap_user=st.none(),
        cap_total=st.none(),
        priority=st.integers(0, 3),
        stacking=st.sampled_from(Stacking),
        return_days=st.just(14),
        expiry_days=st.none() | st.integers(1, 400),
        clawback=st.sampled_from(Clawback),
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(terms=CURRENCIES.flatmap(terms_in), low=AMOUNTS, high=AMOUNTS, room=AMOUNTS)
def test_what_terms_give_never_falls_when_a_purchase_grows(terms: Terms, low: int, high: int, room: int) -> None:
    require_sound(terms)
    less, more = (Money(minor, terms.currency) for minor in sorted((low, high)))
    allowed = Money(room, terms.currency)
    assert reward_of(terms, less).amount <= reward_of(terms, more).amount <= more
    assert kept_after(terms, allowed, less).amount <= kept_after(terms, allowed, more).amount <= allowed
    assert reward_of(terms, more) == reward_of(terms, more)
    assert reward_of(terms, more).steps[-1]["gives"] == reward_of(terms, more).amount.minor
    assert terms_form.read(terms_form.stored(terms), terms.currency) == terms


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), currency=CURRENCIES, minor=AMOUNTS)
def test_no_offer_passes_a_limit_and_together_they_give_no_more_than_was_paid(
    data: st.DataObject, currency: Currency, minor: int
) -> None:
    rooms = st.none() | st.integers(0, 10**12)
    some = st.builds(candidate, terms_in(currency), st.integers(0, 10**12), rooms, rooms)
    candidates = data.draw(st.lists(some, max_size=4))
    grants = walk(Money(minor, currency), candidates)
    by_id = {each.offer_id: each for each in candidates}
    assert sum(grant.amount.minor for grant in grants) <= minor
    for grant in grants:
        rooms_then = by_id[grant.offer_id].rooms
        limits = (rooms_then.budget, rooms_then.user, rooms_then.total, grant.room)
        assert 0 < grant.amount.minor <= min(limit.minor for limit in limits if limit is not None)
    if len(grants) > 1:
        assert all(by_id[grant.offer_id].terms.stacking is Stacking.STACKABLE for grant in grants)
    assert [grant.amount for grant in walk(Money(minor, currency), candidates[::-1])] == [g.amount for g in grants]
