"""What the judge says of a purchase paid by several means, when the books are right and when they are not."""

from dataclasses import replace

import pytest

from specie.assay.journal import Operation, Told
from specie.assay.mixed import Bought, judge_one, shares
from specie.assay.verdict import Verdict, uuid_text

FIRST, SECOND = "prf_00000000000000000000000001", "prf_00000000000000000000000002"


def operation(kind: str, amounts: list[int], told: Told, result: str = "") -> Operation:
    return Operation(kind, f"key of {result}", "/purchases/pur_1/pay", {}, amounts, told, result)


def bought() -> Bought:
    """1,000 of cashback, 8,000 from the wallet and 1,001 in parts; 5,000 and 1 came back, a third was refused."""
    return Bought(
        operation("mixed", [1_000, 8_000, 1_001, 0], Told.DONE),
        [
            operation("mixed_back", [5_000], Told.DONE, FIRST),
            operation("mixed_back", [1], Told.DONE, SECOND),
            operation("mixed_back", [8_000], Told.REFUSED, "refund_exceeds"),
        ],
        "completed",
        "seller",
        [1_000, 8_000, 1_001, 0],
        [500, 4_000, 501, 0],
        {uuid_text(FIRST): 5_000, uuid_text(SECOND): 1},
    )


def found_in(one: Bought) -> set[str]:
    verdict = Verdict()
    judge_one(verdict, one)
    return {cell for cell, found in verdict.findings.items() if found}


def test_what_agrees_with_the_journal_is_no_finding() -> None:
    assert found_in(bought()) == set()


@pytest.mark.parametrize(
    ("planted", "cell"),
    [
        ({"state": "open"}, "lost"),
        ({"taken": [1_000, 8_000, 0, 0]}, "lost"),
        ({"taken": [1_000, 16_000, 1_001, 0]}, "doubled"),
        ({"back": [500, 4_000, 500, 0]}, "lost"),
        ({"back": [500, 4_000, 502, 0]}, "doubled"),
        ({"back": [1_001, 2_998, 1_002, 0]}, "doubled"),
        ({"back": [501, 4_000, 500, 0]}, "altered"),
        ({"made": {uuid_text(FIRST): 5_001}}, "altered"),
        ({"paid": operation("mixed", [1_000, 8_000, 1_001, 0], Told.REFUSED, "not_covered")}, "phantom"),
        ({"paid": operation("mixed", [1_000, 8_000, 1_001, 0], Told.UNKNOWN)}, "unsettled"),
    ],
)
def test_what_does_not_agree_is_found_in_its_cell(planted: dict[str, object], cell: str) -> None:
    assert found_in(replace(bought(), **planted)) == {cell}  # type: ignore[arg-type]


def at_provider() -> Bought:
    """1,000 of cashback, 8,000 from the wallet and 1,001 by the provider; half of it came back."""
    return Bought(
        operation("mixed", [1_000, 8_000, 0, 1_001], Told.DONE),
        [operation("mixed_back", [5_001], Told.DONE, FIRST)],
        "completed",
        "seller",
        [1_000, 8_000, 0, 1_001],
        [500, 4_000, 0, 501],
        {uuid_text(FIRST): 5_001},
    )


def test_a_provider_s_part_comes_and_goes_back_with_the_others() -> None:
    assert shares([1_000, 8_000, 0, 1_001], 5_001) == [500, 4_000, 0, 501]
    assert found_in(at_provider()) == set()
    assert found_in(replace(at_provider(), state="held")) == {"lost"}
    assert found_in(replace(at_provider(), taken=[1_000, 0, 0, 1_001])) == {"lost"}


def test_nothing_moves_before_the_provider_has_its_part() -> None:
    unpaid = replace(at_provider(), refunds=[], made={}, state="held", taken=[0, 0, 0, 0], back=[0, 0, 0, 0])
    assert found_in(unpaid) == set()
    assert found_in(replace(unpaid, taken=[1_000, 8_000, 0, 0])) == {"phantom"}


def test_refunds_in_parts_end_where_one_refund_of_their_sum_would() -> None:
    assert shares([1_000, 8_000, 1_001, 0], 5_001) == [500, 4_000, 501, 0]
    assert shares([1_000, 8_000, 1_001, 0], 10_001) == [1_000, 8_000, 1_001, 0]
