"""Who pays how much, and what goes back by which leg."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specie.kernel.money import Currency, Money
from specie.purchases.errors import NotCovered, TenderInvalid, TenderShort
from specie.purchases.model import Tender, TenderKind, Wish, given_back, plan

IDR = Currency.of("IDR")
legs = st.lists(st.integers(1, 10**12), min_size=1, max_size=6)


def rupiah(minor: int) -> Money:
    return Money(minor, IDR)


def tender(kind: TenderKind, most: int | None, wanted: int | None = None) -> Tender:
    amount = None if wanted is None else rupiah(wanted)
    return Tender(Wish(kind, amount), None if most is None else rupiah(most))


def planned(total: int, *tenders: Tender) -> dict[str, int]:
    return {share.wish.kind.value: share.amount.minor for share in plan(rupiah(total), tenders)}


def test_each_tender_gives_what_it_can_in_its_order_and_the_provider_the_rest() -> None:
    provider, wallet = tender(TenderKind.PROVIDER, None), tender(TenderKind.WALLET, 500)
    cashback = tender(TenderKind.CASHBACK, 30)

    assert planned(1_000, provider, wallet, cashback) == {"cashback": 30, "wallet": 500, "provider": 470}
    assert planned(20, provider, wallet, cashback) == {"cashback": 20}


def test_wanted_amounts_come_before_those_that_take_what_is_left() -> None:
    wallet = tender(TenderKind.WALLET, 5_000)
    parts = tender(TenderKind.INSTALLMENTS, 9_000, wanted=600)

    assert planned(1_000, wallet, parts) == {"wallet": 400, "installments": 600}


def test_what_no_tender_pays_is_refused() -> None:
    with pytest.raises(NotCovered) as short:
        planned(1_000, tender(TenderKind.WALLET, 999))
    assert short.value.facts["missing"] == 1


def test_a_tender_is_not_asked_for_more_than_it_has_or_than_is_to_be_paid() -> None:
    with pytest.raises(TenderShort):
        planned(1_000, tender(TenderKind.WALLET, 10, wanted=11), tender(TenderKind.PROVIDER, None))
    with pytest.raises(TenderInvalid):
        planned(1_000, tender(TenderKind.WALLET, 5_000, wanted=1_001))
    with pytest.raises(TenderInvalid):
        planned(1_000, tender(TenderKind.PROVIDER, None), tender(TenderKind.PROVIDER, None))


@given(legs, st.data())
def test_a_series_of_refunds_takes_from_each_leg_what_one_refund_of_their_sum_takes(
    sizes: list[int], data: st.DataObject
) -> None:
    whole = sum(sizes)
    stops = sorted(data.draw(st.lists(st.integers(0, whole), max_size=12)))
    earlier = [0] * len(sizes)
    for stop in stops:
        now = given_back(sizes, stop)
        assert sum(now) == stop
        assert all(before <= part <= leg for before, part, leg in zip(earlier, now, sizes, strict=True))
        earlier = now
    assert given_back(sizes, whole) == sizes


@given(legs, st.data())
def test_no_leg_gives_back_far_from_its_proportion(sizes: list[int], data: st.DataObject) -> None:
    whole = sum(sizes)
    back = data.draw(st.integers(0, whole))
    for leg, part in zip(sizes, given_back(sizes, back), strict=True):
        assert abs(part * whole - back * leg) <= len(sizes) * whole
