"""The matcher: sure matches are made, doubtful ones are left, whatever order things come in."""

import datetime
import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from specie.reconciliation.matching import Candidate, Pairing, Policy, Result, match
from specie.reconciliation.model import Rule

DAY = datetime.date(2026, 11, 20)
BANK = Policy(tolerance=0, window_days=3, references_decide=False)


def one(id_: str, amount: int, *references: str, day: int = 0, batch: str = "", text: str = "") -> Candidate:
    return Candidate(id_, amount, DAY + datetime.timedelta(days=day), frozenset(references), batch, text)


def said(result: Result) -> list[tuple[Rule, list[str], list[str]]]:
    return sorted(
        (each.rule, sorted(line.id for line in each.lines), sorted(item.id for item in each.items))
        for each in result.pairings
    )


def left(result: Result) -> tuple[list[str], list[str]]:
    return sorted(each.id for each in result.lines), sorted(each.id for each in result.items)


def test_a_reference_and_the_amount_make_a_match() -> None:
    found = match([one("l1", 100, "A")], [one("i1", 100, "A", "ch_1"), one("i2", 100, "B")], Policy())

    assert said(found) == [(Rule.REFERENCE, ["l1"], ["i1"])]
    assert left(found) == ([], ["i2"])


def test_a_reference_with_another_amount_is_a_difference_and_no_match() -> None:
    found = match([one("l1", 90, "A")], [one("i1", 100, "A"), one("i2", 90)], Policy())

    assert found.pairings == []
    assert [(line.id, item.id) for line, item in found.differing] == [("l1", "i1")]
    assert left(found) == ([], ["i2"])


def test_a_difference_within_the_tolerance_is_a_match() -> None:
    line, item = one("l1", 98, "A"), one("i1", 100, "A")

    assert said(match([line], [item], Policy(tolerance=2))) == [(Rule.REFERENCE, ["l1"], ["i1"])]
    assert match([line], [item], Policy(tolerance=1)).pairings == []


def test_the_fee_a_line_tells_explains_what_is_missing_and_nothing_else() -> None:
    line, item = replace(one("l1", 98, "A"), fee=2), one("i1", 100, "A")

    assert said(match([line], [item], Policy())) == [(Rule.REFERENCE, ["l1"], ["i1"])]
    assert match([replace(line, fee=1)], [item], Policy()).pairings == []


def test_a_line_that_comes_twice_matches_once() -> None:
    found = match([one("l1", 100, "A"), one("l2", 100, "A")], [one("i1", 100, "A")], Policy())

    assert said(found) == [(Rule.REFERENCE, ["l1"], ["i1"])]
    assert left(found) == (["l2"], [])


def test_one_line_and_two_equal_items_of_its_reference_are_left() -> None:
    found = match([one("l1", 100, "A")], [one("i1", 100, "A"), one("i2", 100, "A")], Policy())

    assert found.pairings == []
    assert left(found) == (["l1"], ["i1", "i2"])


def test_one_line_takes_all_items_of_its_reference_that_sum_to_it() -> None:
    found = match([one("l1", 70, "A")], [one("i1", 100, "A"), one("i2", -30, "A")], Policy())

    assert said(found) == [(Rule.REFERENCE, ["l1"], ["i1", "i2"])]


def test_several_lines_of_a_reference_fill_one_item() -> None:
    found = match([one("l1", 60, "A"), one("l2", 40, "A")], [one("i1", 100, "A")], Policy())

    assert said(found) == [(Rule.REFERENCE, ["l1", "l2"], ["i1"])]


def test_a_batch_named_in_the_free_text_gathers_its_items() -> None:
    items = [one("i1", 100, "A", batch="STL-7"), one("i2", 50, "B", batch="STL-7"), one("i3", 50, "C", batch="STL-8")]

    found = match([one("l1", 150, text="payment STL-7 thank you")], items, BANK)

    assert said(found) == [(Rule.BATCH, ["l1"], ["i1", "i2"])]


def test_an_amount_that_only_one_item_has_is_enough_within_the_days() -> None:
    assert said(match([one("l1", 100)], [one("i1", 100, "A", day=3)], BANK)) == [(Rule.AMOUNT, ["l1"], ["i1"])]
    assert match([one("l1", 100)], [one("i1", 100, "A", day=4)], BANK).pairings == []


def test_two_candidates_of_the_same_amount_are_not_guessed_between() -> None:
    assert match([one("l1", 100)], [one("i1", 100), one("i2", 100)], BANK).pairings == []
    assert match([one("l1", 100), one("l2", 100)], [one("i1", 100)], BANK).pairings == []


def test_references_that_contradict_each_other_rule_an_equal_amount_out() -> None:
    line, item = one("l1", 100, "X"), one("i1", 100, "Y")

    assert match([line], [item], Policy()).pairings == []
    assert said(match([line], [item], BANK)) == [(Rule.AMOUNT, ["l1"], ["i1"])]


def test_the_only_group_that_sums_to_a_line_is_taken() -> None:
    items = [one("i1", 100), one("i2", 50), one("i3", 7)]

    assert said(match([one("l1", 150)], items, BANK)) == [(Rule.SUM, ["l1"], ["i1", "i2"])]


def test_a_sum_that_two_groups_have_is_left() -> None:
    items = [one("i1", 100), one("i2", 50), one("i3", 50, day=1)]

    assert match([one("l1", 150)], items, BANK).pairings == []


def test_several_lines_make_up_one_item() -> None:
    found = match([one("l1", 60), one("l2", 40)], [one("i1", 100)], BANK)

    assert said(found) == [(Rule.SUM, ["l1", "l2"], ["i1"])]


def test_among_many_items_whole_days_are_tried() -> None:
    items = [one(f"i{n}", 1000 + n, day=n % 3) for n in range(30)]
    second_day = sum(item.amount for item in items if item.day == DAY + datetime.timedelta(days=1))

    [pairing] = match([one("l1", second_day, day=2)], items, BANK).pairings

    assert {item.day for item in pairing.items} == {DAY + datetime.timedelta(days=1)}
    assert len(pairing.items) == 10


_REFERENCES = st.sampled_from(["", "A", "B", "C"])
_DRAFT = st.tuples(st.sampled_from([-50, 10, 40, 50, 60, 100, 101]), _REFERENCES, st.integers(0, 5), _REFERENCES)
_DRAFTS = st.lists(_DRAFT, max_size=9)
_POLICIES = st.builds(Policy, st.integers(0, 2), st.integers(0, 4), st.booleans())


def _made(prefix: str, drafts: list[tuple[int, str, int, str]]) -> list[Candidate]:
    return [
        one(f"{prefix}{n}", amount, *([name] if name else []), day=day, batch=batch and f"STL-{batch}")
        for n, (amount, name, day, batch) in enumerate(drafts)
    ]


def _difference(pairing: Pairing) -> int:
    return abs(sum(line.amount for line in pairing.lines) - sum(item.amount for item in pairing.items))


@settings(max_examples=100, deadline=None)
@given(_DRAFTS, _DRAFTS, _POLICIES)
def test_every_line_and_item_ends_in_exactly_one_place(
    lines: list[tuple[int, str, int, str]], items: list[tuple[int, str, int, str]], policy: Policy
) -> None:
    ours, theirs = _made("l", lines), _made("i", items)
    found = match(ours, theirs, policy)

    ended = [line.id for each in found.pairings for line in each.lines]
    ended += [line.id for line, _ in found.differing] + [line.id for line in found.lines]
    assert sorted(ended) == sorted(line.id for line in ours)
    ended = [item.id for each in found.pairings for item in each.items]
    ended += [item.id for _, item in found.differing] + [item.id for item in found.items]
    assert sorted(ended) == sorted(item.id for item in theirs)


@settings(max_examples=100, deadline=None)
@given(_DRAFTS, _DRAFTS, _POLICIES)
def test_what_is_matched_sums_up_within_the_tolerance(
    lines: list[tuple[int, str, int, str]], items: list[tuple[int, str, int, str]], policy: Policy
) -> None:
    found = match(_made("l", lines), _made("i", items), policy)

    for pairing in found.pairings:
        assert _difference(pairing) <= policy.tolerance
        assert min(len(pairing.lines), len(pairing.items)) == 1


@settings(max_examples=100, deadline=None)
@given(_DRAFTS, _DRAFTS, _POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    lines: list[tuple[int, str, int, str]],
    items: list[tuple[int, str, int, str]],
    policy: Policy,
    chance: random.Random,
) -> None:
    ours, theirs = _made("l", lines), _made("i", items)
    mixed_lines, mixed_items = chance.sample(ours, len(ours)), chance.sample(theirs, len(theirs))

    first, second = match(ours, theirs, policy), match(mixed_lines, mixed_items, policy)

    assert (said(first), left(first)) == (said(second), left(second))
