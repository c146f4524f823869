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
    """9,000 from the wallet and 1,001 in parts; 5,000 and 1 came back, and a third refund was refused."""
    return Bought(
        operation("mixed", [9_000, 1_001], Told.DONE),
        [
            operation("mixed_back", [5_000], Told.DONE, FIRST),
            operation("mixed_back", [1], Told.DONE, SECOND),
            operation("mixed_back", [8_000], Told.REFUSED, "refund_exceeds"),
        ],
        "completed",
        "seller",
        [9_000, 1_001],
        [4_500, 501],
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
        ({"taken": [9_000, 0]}, "lost"),
        ({"taken": [18_000, 1_001]}, "doubled"),
        ({"back": [4_500, 500]}, "lost"),
        ({"back": [4_500, 502]}, "doubled"),
        ({"back": [3_999, 1_002]}, "doubled"),
        ({"back": [4_501, 500]}, "altered"),
        ({"made": {uuid_text(FIRST): 5_001}}, "altered"),
        ({"paid": operation("mixed", [9_000, 1_001], Told.REFUSED, "not_covered")}, "phantom"),
        ({"paid": operation("mixed", [9_000, 1_001], Told.UNKNOWN)}, "unsettled"),
    ],
)
def test_what_does_not_agree_is_found_in_its_cell(planted: dict[str, object], cell: str) -> None:
    assert found_in(replace(bought(), **planted)) == {cell}  # type: ignore[arg-type]


def test_refunds_in_parts_end_where_one_refund_of_their_sum_would() -> None:
    assert shares([9_000, 1_001], 5_001) == [4_500, 501]
    assert shares([9_000, 1_001], 10_001) == [9_000, 1_001]
